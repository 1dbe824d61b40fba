import type { JSX } from 'preact';
import { ApiProblem } from '../api/problem.ts';
import { Icon } from './icons.tsx';

/** An error in words, with what each field should have been. */
export function ProblemNote({ error }: { error: unknown }): JSX.Element {
  const title = error instanceof ApiProblem ? error.title : 'Something went wrong';
  const detail = error instanceof ApiProblem ? error.detail : error instanceof Error ? error.message : String(error);
  const fields = error instanceof ApiProblem ? error.fields : [];
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{title}</strong>
        <p>{detail}</p>
        {fields.length > 0 && (
          <ul>
            {fields.map(({ field, expected }) => (
              <li key={field}>
                <code>{field}</code>: {expected}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
