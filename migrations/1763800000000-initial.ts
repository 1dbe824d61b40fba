import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names ending in `Ms` are milliseconds on the recording clock, bigint `…At` and `heldUntil` epoch milliseconds. */
export class Initial1763800000000 implements MigrationInterface {
  readonly name = 'Initial1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recordings (
        "recordingId" text PRIMARY KEY,
        "roomId" text NOT NULL,
        "title" text,
        "status" text NOT NULL CHECK ("status" IN ('recording', 'processing', 'ready', 'failed')),
        "recordedAt" bigint NOT NULL,
        "endedAtMs" integer,
        "endReason" text,
        "holderId" text,
        "heldUntil" bigint
      )`);
    await runner.query(`CREATE INDEX recordings_newest ON recordings ("recordedAt" DESC, "recordingId" DESC)`);
    await runner.query(`CREATE INDEX recordings_by_room ON recordings ("roomId", "recordedAt" DESC)`);
    await runner.query(`CREATE INDEX recordings_held ON recordings ("heldUntil") WHERE "heldUntil" IS NOT NULL`);
    await runner.query(
      `CREATE INDEX recordings_open ON recordings ("status") WHERE "status" IN ('recording', 'processing')`,
    );

    await runner.query(`
      CREATE TABLE tracks (
        "recordingId" text NOT NULL REFERENCES recordings ON DELETE CASCADE,
        "trackId" text NOT NULL,
        "participantId" text NOT NULL,
        "kind" text NOT NULL CHECK ("kind" IN ('audio', 'video')),
        "source" text NOT NULL,
        "codec" text NOT NULL,
        "startMs" double precision NOT NULL,
        "endMs" double precision,
        "media" jsonb,
        "gaps" jsonb NOT NULL DEFAULT '[]',
        "sync" jsonb,
        "status" text NOT NULL CHECK ("status" IN ('recording', 'spooled', 'derived', 'empty', 'failed')),
        PRIMARY KEY ("recordingId", "trackId")
      )`);
    await runner.query(`CREATE INDEX tracks_by_recording ON tracks ("recordingId", "startMs", "trackId")`);

    await runner.query(`
      CREATE TABLE packet_objects (
        "recordingId" text NOT NULL,
        "trackId" text NOT NULL,
        "n" integer NOT NULL,
        "key" text NOT NULL,
        "sizeBytes" bigint NOT NULL,
        "packetCount" integer NOT NULL,
        "firstMs" double precision NOT NULL,
        "lastMs" double precision NOT NULL,
        PRIMARY KEY ("recordingId", "trackId", "n"),
        FOREIGN KEY ("recordingId", "trackId") REFERENCES tracks ON DELETE CASCADE
      )`);

    await runner.query(`
      CREATE TABLE chunks (
        "recordingId" text NOT NULL REFERENCES recordings ON DELETE CASCADE,
        "stream" text NOT NULL CHECK ("stream" IN ('events', 'dom')),
        "surface" text NOT NULL DEFAULT '',
        "key" text NOT NULL,
        "startMs" integer NOT NULL,
        "endMs" integer NOT NULL,
        "sizeBytes" bigint NOT NULL,
        "eventCount" integer NOT NULL,
        "seqRanges" jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY ("recordingId", "key")
      )`);
    await runner.query(`CREATE INDEX chunks_in_order ON chunks ("recordingId", "stream", "surface", "startMs")`);

    await runner.query(`
      CREATE TABLE exports (
        "exportId" text PRIMARY KEY,
        "recordingId" text NOT NULL REFERENCES recordings ON DELETE CASCADE,
        "status" text NOT NULL CHECK ("status" IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        "request" jsonb NOT NULL,
        "progress" double precision NOT NULL DEFAULT 0 CHECK ("progress" BETWEEN 0 AND 1),
        "error" jsonb,
        "result" jsonb,
        "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
        "updatedAt" timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX exports_newest ON exports ("recordingId", "createdAt" DESC, "exportId" DESC)`);

    await runner.query(`
      CREATE TABLE api_keys (
        "keyId" text PRIMARY KEY,
        "hash" text NOT NULL,
        "name" text NOT NULL,
        "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
        "revokedAt" timestamptz(3)
      )`);
    await runner.query(`CREATE TABLE settings ("key" text PRIMARY KEY, "value" jsonb NOT NULL)`);

    await runner.query(`
      CREATE TABLE event_log (
        "topic" text NOT NULL,
        "offset" bigint NOT NULL,
        "recordingId" text NOT NULL,
        "appendedAt" timestamptz(3) NOT NULL DEFAULT now(),
        "event" text NOT NULL,
        PRIMARY KEY ("topic", "offset")
      )`);
    await runner.query(`
      CREATE TABLE event_log_heads ("topic" text PRIMARY KEY, "nextOffset" bigint NOT NULL DEFAULT 0)`);
    await runner.query(`
      CREATE TABLE checkpoints (
        "group" text NOT NULL,
        "topic" text NOT NULL,
        "partition" integer NOT NULL DEFAULT 0,
        "nextOffset" bigint NOT NULL,
        "updatedAt" timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY ("group", "topic", "partition")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE checkpoints, event_log_heads, event_log, settings, api_keys, exports, chunks, packet_objects, tracks, recordings`,
    );
  }
}
