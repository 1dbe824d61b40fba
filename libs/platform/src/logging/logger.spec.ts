import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { TextStream } from './text-stream.ts';
import { addToContext, runWithContext } from './work-context.ts';

function collect(): { lines: string[]; write(line: string): void } {
  const lines: string[] = [];
  return { lines, write: (line) => void lines.push(line) };
}

describe('createLogger', () => {
  it('puts the ids of the work that runs on every line, across awaits', async () => {
    const out = collect();
    const logger = createLogger({ logLevel: 'info', logFormat: 'json' }, out);
    await runWithContext({ requestId: 'r1' }, async () => {
      await setImmediate();
      addToContext({ recordingId: 'rec1' });
      logger.info('inside');
    });
    logger.info('outside');
    const [inside, outside] = out.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(inside).toMatchObject({ level: 'info', msg: 'inside', requestId: 'r1', recordingId: 'rec1' });
    expect(outside).not.toHaveProperty('requestId');
  });

  it('prefers the ids a line gives itself', () => {
    const out = collect();
    const logger = createLogger({ logLevel: 'info', logFormat: 'json' }, out);
    runWithContext({ recordingId: 'a' }, () => logger.info({ recordingId: 'b' }, 'x'));
    expect(JSON.parse(out.lines[0]!)).toMatchObject({ recordingId: 'b' });
  });

  it('never writes keys and tokens', () => {
    const out = collect();
    const logger = createLogger({ logLevel: 'info', logFormat: 'json' }, out);
    logger.info({ apiKey: 'k-secret', headers: { authorization: 'Bearer t-secret' }, token: 't-secret' }, 'x');
    expect(out.lines[0]).not.toContain('secret"');
  });

  it('writes a line for people with the stack of an error', () => {
    const out = collect();
    createLogger({ logLevel: 'info', logFormat: 'text' }, new TextStream(out)).error(
      { err: new Error('boom'), part: 'x' },
      'failed',
    );
    expect(out.lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} error failed part=x\nError: boom\n/);
  });
});
