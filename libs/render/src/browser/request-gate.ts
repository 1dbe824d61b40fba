import type { CDPSession, Protocol } from 'puppeteer-core';
import type { StageSite } from './stage-site.ts';

/** A request that was refused: the method and the URL, shortened. */
export type RefusedRequest = { method: string; url: string };

/**
 * Answers every request of a page from the {@link StageSite} and refuses the rest before it leaves the browser.
 * Frames and workers that the page opens are held until they are gated too.
 */
export class RequestGate {
  constructor(
    private readonly site: StageSite,
    /** Gets the first hundred. */
    private readonly refused: RefusedRequest[],
    /** What cannot be recovered: the gate itself failed. */
    private readonly onFailure: (cause: unknown) => void,
  ) {}

  async guard(session: CDPSession): Promise<void> {
    session.on('Fetch.requestPaused', (event) => {
      this.answer(session, event).catch(ignoreGone).catch(this.onFailure);
    });
    session.on('Target.attachedToTarget', ({ sessionId }) => {
      const child = session.connection()?.session(sessionId);
      if (!child) return;
      this.guard(child)
        .then(() => child.send('Runtime.runIfWaitingForDebugger'))
        .catch(ignoreGone)
        .catch(this.onFailure);
    });
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
  }

  private async answer(session: CDPSession, event: Protocol.Fetch.RequestPausedEvent): Promise<void> {
    const { requestId, request } = event;
    const answer = await this.site.answer(request.method, request.url);
    if (!answer) {
      if (this.refused.length < 100) this.refused.push({ method: request.method, url: request.url.slice(0, 200) });
      await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      return;
    }
    const headers = { 'content-type': answer.contentType, 'cache-control': 'no-store', ...answer.headers };
    await session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: answer.status,
      responseHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
      body: answer.body.toString('base64'),
    });
  }
}

/** A frame that went away while its request was being answered is no failure. */
function ignoreGone(error: unknown): void {
  const message = error instanceof Error ? error.message : '';
  if (
    /Invalid InterceptionId|Session closed|Target closed|session with given id|not allowed|wasn't found/i.test(message)
  )
    return;
  throw error;
}
