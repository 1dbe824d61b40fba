import { ALL_FORMATS, FilePathSource, Input } from 'mediabunny';

/** Opens a media file of our own for `work`, and closes it. */
export async function readMediaFile<T>(path: string, work: (input: Input) => Promise<T>): Promise<T> {
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
  try {
    return await work(input);
  } finally {
    input.dispose();
  }
}
