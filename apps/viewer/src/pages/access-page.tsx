import type { JSX } from 'preact';
import { Icon } from '../view/icons.tsx';

/** No token, or one that is no longer good. */
export function AccessPage({ reason }: { reason: 'missing' | 'refused' }): JSX.Element {
  return (
    <main class="access">
      <div class="access-card">
        <span class="access-icon">
          <Icon name="key" />
        </span>
        <h1>{reason === 'missing' ? 'You need a link to watch' : 'This link has expired'}</h1>
        <p>
          {reason === 'missing'
            ? 'Recordings open with a personal link that carries a short-lived key. Open the link you were given; it looks like this:'
            : 'The key in your link is no longer valid, or it is for another recording. Ask whoever sent it for a new link; it looks like this:'}
        </p>
        <code>{`${location.origin}/#token=…`}</code>
        <p class="dim">
          If you run this server: <code>npm run demo</code> prints a link, and <code>POST /v1/tokens</code> with your
          API key and <code>{'{ "scope": "viewer" }'}</code> makes one.
        </p>
      </div>
    </main>
  );
}
