import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { topics } from '@rushes/event-log';
import { eventContentType, type EventEnvelope } from '@rushes/timeline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, kafkaBrokers } from '../fixtures/services.ts';
import { pageExample } from '../fixtures/stream/page-examples.ts';
import { PublishedSchemas } from '../fixtures/stream/published-schemas.ts';
import { chatText, streamMeeting, type StreamedMeeting } from '../fixtures/stream/streamed-meeting.ts';

const run = promisify(execFile);
const nodeModules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const maxBuffer = 512 * 1024 * 1024;

type KafkaRecord = { key: string; headers: string; event: EventEnvelope };

describeWith(['kafka', 'kcat'], 'The stream of a real meeting', () => {
  let meeting: StreamedMeeting;
  let folder: string;
  const records: KafkaRecord[] = [];
  /** Without dead letters. */
  const events = () => records.map(({ event }) => event).filter(({ type }) => !type.startsWith('rushes.dead-letter.'));
  const idsOf = (events: readonly EventEnvelope[]) =>
    new Set(events.map(({ recordingid, id }) => `${recordingid} ${id}`));
  const environment = () => ({
    ...process.env,
    BROKERS: meeting.brokers.join(','),
    PREFIX: meeting.topicPrefix,
    API: meeting.api.url,
    API_KEY: meeting.api.apiKey,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-readers-'));
    meeting = await streamMeeting(await kafkaBrokers());
    for (const topic of Object.values(topics)) records.push(...(await readByKcat(topic)));
  }, 600_000);
  afterAll(async () => {
    await meeting?.end();
    await rm(folder, { recursive: true, force: true });
  });

  async function readByKcat(topic: string): Promise<KafkaRecord[]> {
    const from = ['-b', meeting.brokers.join(','), '-t', meeting.topicPrefix + topic, '-o', 'beginning'];
    const { stdout } = await run('kcat', ['-C', '-q', '-e', ...from, '-f', '%k\\t%h\\t%s\\n'], { maxBuffer });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [key, headers, ...value] = line.split('\t');
        return { key: key!, headers: headers!, event: JSON.parse(value.join('\t')) as EventEnvelope };
      });
  }

  it('has every record that kcat reads as its published schema says', async () => {
    const schemas = await PublishedSchemas.read();
    expect(records.flatMap(({ event }) => schemas.problemsOf(event))).toEqual([]);

    const types = new Set(records.map(({ event }) => event.type.replace(/^rushes\.|\.v\d+$/g, '')));
    const expected = [
      'recording.started',
      'recording.ended',
      'participant.joined',
      'participant.left',
      'track.started',
    ];
    expected.push(
      'track.paused',
      'track.ended',
      'track.segment-stored',
      'track.gaps-found',
      'chat.message-sent',
      'poll.opened',
      'poll.voted',
    );
    expected.push(
      'poll.closed',
      'hand.raised',
      'hand.lowered',
      'plugin.whiteboard.stroke-drawn',
      'plugin.quiz.answered',
    );
    expect([...types]).toEqual(expect.arrayContaining([...expected, 'dom.recorded']));
  });

  it('is keyed by recording, marked as CloudEvents, and says where large data lies', () => {
    for (const { key, headers, event } of records) {
      expect([key, event.subject], event.id).toEqual([event.recordingid, event.recordingid]);
      expect(headers, event.id).toBe(`content-type=${eventContentType}`);
      expect(event.data === undefined, event.id).toBe(event.dataref !== undefined);
    }
    const claims = records.filter(({ event }) => event.dataref !== undefined);
    expect(claims.map(({ event }) => event.type)).toContain('rushes.dom.recorded.v1');
    expect(Math.min(...claims.map(({ event }) => event.datasizebytes!))).toBeGreaterThan(256 * 1024);
  });

  it('is read by the page’s kcat command for chats', async () => {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', await pageExample('kcat-chat')], {
      env: environment(),
    });
    const chats = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as EventEnvelope);
    expect(chats.map(({ data }) => (data as { text: string }).text)).toEqual([chatText]);
  });

  it('is read once by a group, as the page’s kcat command does', { timeout: 180_000 }, async () => {
    const archive = async () => {
      const script = await pageExample('kcat-group');
      await run('bash', ['-euo', 'pipefail', '-c', script], { env: environment(), cwd: folder });
      const lines = (await readFile(join(folder, 'events.ndjson'), 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as EventEnvelope);
    };
    const read = await archive();
    expect(idsOf(read)).toEqual(idsOf(events()));
    expect(await archive()).toEqual([]);
  });

  it(
    'is read by the page’s kafkajs program, each event once, with the data that lies elsewhere',
    { timeout: 180_000 },
    async () => {
      await symlink(nodeModules, join(folder, 'node_modules'));
      const program = join(folder, 'counter.mjs');
      await writeFile(program, await pageExample('kafkajs'));
      const reader = spawn(process.execPath, [program], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = once(reader, 'exit');
      const expected = idsOf(events()).size;
      const read: { type: string; bytes: number }[] = [];
      for await (const line of createInterface(reader.stdout)) {
        read.push(JSON.parse(line) as { type: string; bytes: number });
        if (read.length === expected) break;
      }
      reader.kill();
      await gone;
      expect(read.filter(({ type }) => type === 'rushes.chat.message-sent.v1')).toHaveLength(1);
      const sizes = records.flatMap(({ event }) => event.datasizebytes ?? []);
      expect(sizes.length).toBeGreaterThan(0);
      expect(Math.max(...read.map(({ bytes }) => bytes))).toBeGreaterThan(256 * 1024);
    },
  );

  it('can be taken by Kafka Connect as the page configures it', async () => {
    const { config } = JSON.parse(await pageExample('connect-s3')) as { config: Record<string, string> };
    expect(Object.values(topics)).toContain(config.topics);
    expect(Object.values(config).every((value) => typeof value === 'string')).toBe(true);
  });
});
