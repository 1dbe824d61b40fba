import { newId, TokenService, CONFIG, type Config, type RunningApplication } from '@rushes/platform';

const roomId = 'lobby';

/** What the operator is told at the start: the key, if it is new, and links that work for the life of a token. */
export async function welcome({ app, url, viewerUrl, newApiKey }: RunningApplication): Promise<string> {
  const tokens = app.get(TokenService);
  const { tokenTtlSeconds } = app.get<Config>(CONFIG);
  const host = await tokens.issue(
    { scope: 'meeting', roomId, participantId: newId(), role: 'host' },
    tokenTtlSeconds.meeting,
  );
  const guests = await tokens.issue({ scope: 'meeting', roomId, role: 'guest' }, tokenTtlSeconds.meeting);
  const viewer = await tokens.issue({ scope: 'viewer', canExport: true }, tokenTtlSeconds.viewer);
  return [
    '',
    ...(newApiKey === undefined
      ? []
      : ['Your API key. It is shown this once and stored only as a hash:', '', `  ${newApiKey}`, '']),
    `Meeting (you are its host): ${url}/meet/#room=${roomId}&token=${host}`,
    '',
    `For everybody else (one link for any number of guests): ${url}/meet/#room=${roomId}&token=${guests}`,
    '',
    `Recordings: ${viewerUrl}/#token=${viewer}`,
    '',
    '',
  ].join('\n');
}
