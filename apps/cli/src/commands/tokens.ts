import { Command } from 'commander';
import { loadTokenSecret, TokenService, type TokenClaims } from '@rushes/platform';
import { readConfig, withDatabase } from '../installation.ts';
import { wholeNumber } from '../parse-arguments.ts';
import { print } from '../print.ts';

type Ttl = { ttl?: number };
type Viewer = Ttl & { recording?: string; export?: boolean };
type Capture = Ttl & { recording: string; participant: string };
type Meeting = Ttl & { room: string; participant: string; name?: string; host?: boolean };

/** `rushes tokens viewer | capture | meeting`: tokens cannot be listed or revoked, they end by themselves. */
export function tokensCommand(): Command {
  const tokens = new Command('tokens').description('short-lived tokens for pages; they end by themselves');
  withTtl(tokens.command('viewer'))
    .description('may look at one recording, or at all')
    .option('--recording <id>', 'only this recording')
    .option('--export', 'may also have exports made')
    .action(({ recording, export: canExport = false, ttl }: Viewer) =>
      issue({ scope: 'viewer', ...(recording === undefined ? {} : { recordingId: recording }), canExport }, ttl),
    );
  withTtl(tokens.command('capture'))
    .description('may deliver one participant’s events to one recording')
    .requiredOption('--recording <id>', 'the recording')
    .requiredOption('--participant <id>', 'the participant')
    .action(({ recording, participant, ttl }: Capture) =>
      issue({ scope: 'capture', recordingId: recording, participantId: participant }, ttl),
    );
  withTtl(tokens.command('meeting'))
    .description('may take part in one room’s meeting')
    .requiredOption('--room <id>', 'the room')
    .requiredOption('--participant <id>', 'the participant')
    .option('--name <name>', 'the name that others see')
    .option('--host', 'as host, who may record')
    .action(({ room, participant, name, host = false, ttl }: Meeting) =>
      issue(
        {
          ...{ scope: 'meeting', roomId: room, participantId: participant, role: host ? 'host' : 'guest' },
          ...(name === undefined ? {} : { name }),
        },
        ttl,
      ),
    );
  return tokens;
}

function withTtl(command: Command): Command {
  return command.option('--ttl <seconds>', 'how long it lives (default as RUSHES_TOKEN_TTL_… says)', wholeNumber);
}

async function issue(claims: TokenClaims, ttlSeconds?: number): Promise<void> {
  const config = readConfig();
  const secret = await withDatabase(config, loadTokenSecret);
  print(await new TokenService(secret).issue(claims, ttlSeconds ?? config.tokenTtlSeconds[claims.scope]));
}
