import { RecordingLifecycle } from '@rushes/platform';
import { chat, dom, joined, RecordingFixture } from './recording-fixture.ts';

/**
 * A process that says chat lines and page events and writes the timeline until somebody kills it. Prints the recordingId,
 * then the seq of every event that the log has taken: `node --import tsx doomed-writer.ts <dataDir> <firstSeq> [recordingId]`.
 */
const [dataDir, first = '0', known] = process.argv.slice(2);
const started = await RecordingFixture.start({ dataDir: dataDir!, flushIntervalMs: 50 });
const fixture = known === undefined ? started : started.of(known);
fixture.application.app.get(RecordingLifecycle).hold(fixture.recordingId);
console.log(`recording ${fixture.recordingId}`);

const page = `participants/ann/page${first}`;
await fixture.say(joined('ann', 0, 'Ann'));
for (let seq = Number(first); ; seq += 2) {
  // One line in 20 comes late; every 50th page event is a new snapshot.
  const atMs = seq * 40 - (seq % 40 === 0 ? Math.min(seq * 40, 70_000) : 0);
  await fixture.say(chat(page, seq, atMs, `line ${seq}`));
  console.log(`said ${seq}`);
  const isSnapshot = (seq - Number(first)) % 100 === 0;
  if (isSnapshot) await fixture.say(dom(page, seq + 100_000, seq * 40, 4, 'meta'));
  await fixture.say(dom(page, seq + 100_001, seq * 40, isSnapshot ? 2 : 3, `mark ${seq}`));
  console.log(`marked ${seq}`);
}
