import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@rushes/database';
import type { RoomId } from '@rushes/timeline';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import { ProblemError } from '../errors/problem-error.ts';
import { newId } from '../ids/new-id.ts';
import type { RecordingRow } from '../recordings/recording-rows.ts';

/** What whoever starts a room's recording may say about it. */
export type RoomRecordingOptions = {
  title?: string | undefined;
  /** Highest spatial layer of simulcast and SVC senders to record, counted from 0. Default: the highest there is. */
  highestLayer?: number | undefined;
};

/** What another process asks of the one that has the room. */
export type RoomRequest = { requestId: string; roomId: RoomId; title: string | null; highestLayer: number | null };
type Answer = { recording: RecordingRow } | { problem: { status: number; code: string; detail: string } };

const askEveryMs = 100;
/** How long an answer is waited for; a request that is older is not carried out any more. */
const requestLifeMs = 8_000;

/**
 * How a process asks the recorder that has a room to start its recording: only the room knows the state it is in. Through the
 * database, since recorders need not be able to reach each other.
 */
export class RoomRequests {
  constructor(
    private readonly database: Database,
    private readonly lifeMs = requestLifeMs,
  ) {}

  /**
   * Asks the room's holder to start a recording, and waits for it.
   * @throws ProblemError what the holder answers; 503 `recorder-silent` when it does not
   */
  async startRecording(roomId: RoomId, holderId: string, options: RoomRecordingOptions = {}): Promise<RecordingRow> {
    const { title, highestLayer } = options;
    const requestId = newId();
    const requestedAt = Math.round(monotonicEpochMs());
    await this.database.pool.query(
      `INSERT INTO room_requests ("requestId", "roomId", "holderId", "title", "highestLayer", "requestedAt")
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [requestId, roomId, holderId, title ?? null, highestLayer ?? null, requestedAt],
    );
    try {
      while (monotonicEpochMs() - requestedAt < this.lifeMs) {
        await pause(askEveryMs);
        const answer = await this.answerTo(requestId);
        if (answer && 'recording' in answer) return answer.recording;
        if (answer) throw new ProblemError(answer.problem.status, answer.problem.code, answer.problem.detail);
      }
    } finally {
      await this.database.pool.query('DELETE FROM room_requests WHERE "requestId" = $1', [requestId]);
    }
    throw new ProblemError(503, 'recorder-silent', 'The recorder that has the room does not answer; try again.', [], {
      headers: { 'retry-after': '5' },
    });
  }

  /** What is asked of `holderId` and not answered yet. */
  async openOf(holderId: string): Promise<RoomRequest[]> {
    const { rows } = await this.database.pool.query<RoomRequest>(
      `SELECT "requestId", "roomId", "title", "highestLayer" FROM room_requests
       WHERE "holderId" = $1 AND "answer" IS NULL AND "requestedAt" > $2 ORDER BY "requestedAt"`,
      [holderId, Math.round(monotonicEpochMs()) - this.lifeMs],
    );
    return rows;
  }

  /** Answers with the recording that `start` begins, or with the problem it meets. */
  async answer({ requestId }: RoomRequest, start: () => Promise<RecordingRow>): Promise<void> {
    const answer = await start().then(
      (recording): Answer => ({ recording }),
      (error: unknown): Answer => ({ problem: problemOf(error) }),
    );
    const sql = 'UPDATE room_requests SET "answer" = $2 WHERE "requestId" = $1';
    await this.database.pool.query(sql, [requestId, JSON.stringify(answer)]);
  }

  /** Those whose asker has died. */
  async removeOld(): Promise<void> {
    const beforeMs = Math.round(monotonicEpochMs()) - 10 * this.lifeMs;
    await this.database.pool.query('DELETE FROM room_requests WHERE "requestedAt" < $1', [beforeMs]);
  }

  private async answerTo(requestId: string): Promise<Answer | null | undefined> {
    const sql = 'SELECT "answer" FROM room_requests WHERE "requestId" = $1';
    return (await this.database.pool.query<{ answer: Answer | null }>(sql, [requestId])).rows[0]?.answer;
  }
}

function problemOf(error: unknown): { status: number; code: string; detail: string } {
  if (error instanceof ProblemError) return { status: error.status, code: error.code, detail: error.detail };
  return { status: 500, code: 'internal-error', detail: 'Something went wrong here.' };
}
