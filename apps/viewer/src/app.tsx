import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { forgetToken } from './access/token.ts';
import { ApiClient } from './api/client.ts';
import { ApiProblem } from './api/problem.ts';
import { AccessPage } from './pages/access-page.tsx';
import { recordingIn, startIn } from './pages/address.ts';
import { ListPage } from './pages/list-page.tsx';
import { RecordingPage } from './pages/recording-page.tsx';

export function App({ token }: { token: string | null }): JSX.Element {
  const api = useMemo(() => (token === null ? null : new ApiClient(token)), [token]);
  const [isRefused, setRefused] = useState(false);
  if (!api) return <AccessPage reason="missing" />;
  if (isRefused) return <AccessPage reason="refused" />;
  const onProblem = (error: unknown) => {
    const isExpired = error instanceof ApiProblem && error.isAccess;
    if (!isExpired) return;
    if (error.status === 401) forgetToken(window);
    setRefused(true);
  };
  const url = new URL(location.href);
  const recordingId = recordingIn(url);
  if (recordingId === null) return <ListPage api={api} onProblem={onProblem} />;
  return <RecordingPage api={api} recordingId={recordingId} startSeconds={startIn(url)} onProblem={onProblem} />;
}
