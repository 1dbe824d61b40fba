import { browserEventTypes, createEventParser, idPattern, parsePluginType, TimelineError } from '@rushes/timeline';
import { PageCapture } from './page-capture.ts';
import { CaptureError } from './errors.ts';
import { readToken } from './delivery/token.ts';
import type { Capture, CaptureOptions } from './types.ts';

const longestSnapshotIntervalMs = 30_000;

/**
 * Makes the capture of one page; nothing is sent or recorded before `start()`, but events may be emitted.
 *
 *     const capture = createCapture({ endpoint: '/v1/capture', token });
 *     capture.start();
 *     capture.emit('rushes.chat.message-sent.v1', { messageId: crypto.randomUUID(), text: 'Hello' });
 *
 * Pictures of tracks: give each `<video>` the attribute `data-rushes-track="<trackId>"`, now or later (see dom/tiles.ts).
 * @throws CaptureError `option-invalid` naming the option.
 */
export function createCapture(options: CaptureOptions): Capture {
  const identity = readToken(options.token);
  const surface =
    options.surface === undefined ? identity.participantId : `${identity.participantId}-${options.surface}`;
  if (!idPattern.test(surface)) {
    throw new CaptureError(
      'option-invalid',
      `surface: expected letters, digits, "-", "_", at most 64 with the participantId`,
    );
  }
  const snapshotIntervalMs = options.snapshotIntervalMs ?? 25_000;
  if (!(snapshotIntervalMs > 0 && snapshotIntervalMs <= longestSnapshotIntervalMs)) {
    throw new CaptureError('option-invalid', `snapshotIntervalMs: expected 1 to ${longestSnapshotIntervalMs}`);
  }
  const parser = createEventParser(options.plugins);
  return new PageCapture({
    url: endpointUrl(options.endpoint),
    token: options.token,
    getToken: options.getToken,
    identity,
    surface,
    recordDom: options.recordDom ?? true,
    maxBufferedBytes: options.maxBufferedBytes ?? 32 * 1024 * 1024,
    dom: {
      maskInputs: options.maskInputs ?? true,
      blockSelector: options.blockSelector ?? '[data-rushes-block]',
      maskTextSelector: options.maskTextSelector ?? '[data-rushes-mask]',
      snapshotIntervalMs,
    },
    check(type, data) {
      const isAllowed = browserEventTypes.some((each) => each === type) || parsePluginType(type) !== undefined;
      if (!isAllowed || type.startsWith('rushes.dom.')) {
        throw new CaptureError('event-unknown', `type: "${type}" is not an event that a page may emit`);
      }
      try {
        return parser.parse({ type, atMs: 0, data }).data;
      } catch (cause) {
        if (!(cause instanceof TimelineError)) throw cause;
        const code = cause.code === 'event-unknown' ? 'event-unknown' : 'event-invalid';
        throw new CaptureError(code, cause.message, { cause });
      }
    },
  });
}

function endpointUrl(endpoint: string): URL {
  const base = typeof location === 'undefined' ? undefined : location.href;
  if (!URL.canParse(endpoint, base)) {
    throw new CaptureError('option-invalid', `endpoint: expected a URL, got "${endpoint}"`);
  }
  const url = new URL(endpoint, base);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new CaptureError('option-invalid', `endpoint: expected http(s) or ws(s), got "${endpoint}"`);
  }
  return url;
}
