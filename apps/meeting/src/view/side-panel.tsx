import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icons.tsx';

/** A panel beside the stage; over it on a phone. */
export function SidePanel(props: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  return (
    <aside class="panel" aria-label={props.title}>
      <header class="panel-header">
        <h2>{props.title}</h2>
        <button type="button" class="tool" aria-label={`Close ${props.title.toLowerCase()}`} onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      {props.children}
    </aside>
  );
}
