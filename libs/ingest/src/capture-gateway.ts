import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { WebSocket } from 'ws';
import {
  LOGGER,
  ProblemError,
  runWithContext,
  TokenService,
  upgradeToken,
  WebSocketRoutes,
  type Logger,
} from '@rushes/platform';
import type { CaptureReply } from '@rushes/timeline';
import { BatchIntake, type Sender } from './batch-intake.ts';
import { CaptureConnection } from './connection/capture-connection.ts';
import { IngestMetrics } from './metrics.ts';

type Admission = { sender: Sender; expiresAt: number } | { problem: ProblemError };

/** `/v1/capture`: where captured pages deliver their events. */
@Injectable()
export class CaptureGateway implements OnModuleInit {
  constructor(
    @Inject(WebSocketRoutes) private readonly routes: WebSocketRoutes,
    @Inject(TokenService) private readonly tokens: TokenService,
    @Inject(BatchIntake) private readonly intake: BatchIntake,
    @Inject(IngestMetrics) private readonly metrics: IngestMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.routes.register<Admission>('/v1/capture', {
      maxPayloadBytes: this.intake.limits.maxBatchBytes,
      authorise: (request) => this.admit(request),
      onConnection: (socket, admission) => this.connect(socket, admission),
    });
  }

  /** A browser does not tell a page why an upgrade failed: a bad token is let in, told so, and shown out. */
  private async admit(request: IncomingMessage): Promise<Admission> {
    const token = upgradeToken(request);
    try {
      return { sender: await this.tokens.verify(token, 'capture'), expiresAt: expiryOf(token ?? '') };
    } catch (cause) {
      if (cause instanceof ProblemError && cause.status < 500) return { problem: cause };
      throw cause;
    }
  }

  private connect(socket: WebSocket, admission: Admission): void {
    if ('problem' in admission) {
      const { code, detail } = admission.problem;
      this.metrics.refusals.inc({ code: 'unauthorised' });
      this.logger.info({ code: 'unauthorised', problem: code }, 'capture connection refused');
      const reply: CaptureReply = {
        kind: 'nack',
        batchId: -1,
        code: 'unauthorised',
        retriable: false,
        message: detail,
      };
      socket.send(JSON.stringify(reply), () => socket.close(4401, 'unauthorised'));
      return;
    }
    const { sender, expiresAt } = admission;
    const { intake, metrics } = this;
    const logger = this.logger.child({ recordingId: sender.recordingId, participantId: sender.participantId });
    runWithContext(
      { recordingId: sender.recordingId },
      () => new CaptureConnection({ socket, sender, expiresAt, intake, metrics, logger }),
    );
  }
}

/** `exp` of a token that has been verified, epoch milliseconds. */
function expiryOf(token: string): number {
  const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return Number((payload as { exp?: number }).exp ?? 0) * 1000;
}
