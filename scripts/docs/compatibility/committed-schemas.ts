import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonSchema } from './compare-schemas.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const asyncApiFile = 'docs/asyncapi.json';
const schemasFolder = 'docs/schemas';

/** A schema as some commit had it. */
export type CommittedSchema = { commit: string; name: string; schema: JsonSchema };

/**
 * Every version of every published schema that was ever committed under the stream's version `major` (of AsyncAPI's `info.version`), the
 * newest first. Only those that are in the history here, see {@link missingHistory}.
 */
export function committedSchemas(major: string, folder = projectFolder): CommittedSchema[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const blobs = new Map<string, { commit: string; name: string }>();
  for (const commit of commitsOf(git)) {
    if (majorOf(git, commit) !== major) continue;
    for (const line of linesOf(git('ls-tree', '-r', commit, '--', schemasFolder))) {
      const [, blob, file] = /^\d+ blob (\w+)\t(.+\.json)$/.exec(line) ?? [];
      if (blob && file && !blobs.has(blob)) blobs.set(blob, { commit, name: basename(file, '.json') });
    }
  }
  return [...blobs].map(([blob, { commit, name }]) => ({
    commit,
    name,
    schema: JSON.parse(git('cat-file', 'blob', blob)) as JsonSchema,
  }));
}

/** Why not every committed version is here to be compared with; undefined when all are. */
export function missingHistory(folder = projectFolder): string | undefined {
  try {
    const answer = execFileSync('git', ['rev-parse', '--is-shallow-repository'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return answer.trim() === 'true' ? 'this clone is shallow: git fetch --unshallow brings the rest' : undefined;
  } catch {
    return 'there is no git history here';
  }
}

type Git = (...args: string[]) => string;

function commitsOf(git: Git): string[] {
  try {
    return linesOf(git('log', '--format=%H', '--', schemasFolder, asyncApiFile));
  } catch {
    return [];
  }
}

/** undefined before the stream was published. */
function majorOf(git: Git, commit: string): string | undefined {
  try {
    const document = JSON.parse(git('show', `${commit}:${asyncApiFile}`)) as { info: { version: string } };
    return document.info.version.split('.')[0];
  } catch {
    return undefined;
  }
}

function linesOf(output: string): string[] {
  return output.split('\n').filter((line) => line !== '');
}
