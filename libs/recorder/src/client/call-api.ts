import { RecorderError } from './recorder-error.ts';

/** @throws RecorderError with the code and detail of the API's problem document, or `recorder-unreachable` */
export async function callApi<T>(
  { apiUrl, apiKey }: { apiUrl: string; apiKey: string },
  method: 'POST',
  path: string,
  body?: unknown,
): Promise<T> {
  const url = apiUrl.replace(/\/+$/, '') + path;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
  } catch (cause) {
    throw new RecorderError('recorder-unreachable', `${url} could not be reached`, true, { cause });
  }
  const answer = (await response.json().catch(() => undefined)) as { code?: string; detail?: string } | undefined;
  if (response.ok) return answer as T;
  const isRetriable = response.status >= 500 || response.status === 429;
  const detail = answer?.detail ?? 'expected the Rushes API there';
  throw new RecorderError(answer?.code ?? 'unexpected', `${url} answered ${response.status}: ${detail}`, isRetriable);
}
