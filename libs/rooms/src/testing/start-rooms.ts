import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { loadConfig, PlatformModule, startApplication, TokenService, type RunningApplication } from '@rushes/platform';
import type { ParticipantId, RoomId } from '@rushes/timeline';
import type { RoomsOptions } from '../rooms-options.ts';
import { RoomsModule } from '../rooms.module.ts';

export type RunningRooms = RunningApplication & {
  /** A meeting token for a participant. */
  issue(who: { roomId: RoomId; participantId: ParticipantId; name?: string; role?: 'host' | 'guest' }): Promise<string>;
  /** Cuts every page's connection, as a network that fails does. */
  dropConnections(): void;
};

/** Platform and rooms alone, on free ports and a temporary data folder that {@link RunningRooms.close} removes. */
export async function startRooms(
  options: Partial<RoomsOptions> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<RunningRooms> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rushes-rooms-'));
  const config = loadConfig({
    RUSHES_HTTP_PORT: '0',
    RUSHES_VIEWER_PORT: '0',
    RUSHES_DATA_DIR: dataDir,
    RUSHES_LOG_LEVEL: 'error',
    RUSHES_RTC_PORT_MIN: '42000',
    RUSHES_RTC_PORT_MAX: '42999',
    ...env,
  });
  class TestModule {}
  Module({ imports: [PlatformModule.forRoot(config), RoomsModule.forRoot(options)] })(TestModule);
  const running = await startApplication(TestModule);
  const sockets = new Set<Socket>();
  running.app.getHttpServer().on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const tokens = running.app.get(TokenService);
  return {
    ...running,
    issue: ({ role = 'guest', ...who }) => tokens.issue({ scope: 'meeting', role, ...who }, 600),
    dropConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      await running.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
