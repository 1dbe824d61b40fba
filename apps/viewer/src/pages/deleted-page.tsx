import type { JSX } from 'preact';
import { Icon } from '../view/icons.tsx';

/** Instead of a recording that the server does not have. */
export function DeletedPage(): JSX.Element {
  return (
    <main class="access">
      <div class="access-card">
        <span class="access-icon">
          <Icon name="film" />
        </span>
        <h1>This recording was deleted</h1>
        <p>
          It is no longer on the server, and its exports went with it. If you never saw it, the address may be wrong.
        </p>
        <a class="button button-main" href="/">
          All recordings
        </a>
      </div>
    </main>
  );
}
