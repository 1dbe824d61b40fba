import { describe, expect, it } from 'vitest';
import type { RrwebEvent, RrwebNode } from '@rushes/timeline';
import { sanitiseDomEvent } from './sanitise-dom-event.ts';

let nextId = 1;
function element(tagName: string, attributes: Record<string, unknown> = {}, childNodes: RrwebNode[] = []): RrwebNode {
  return { type: 2, id: nextId++, tagName, attributes, childNodes };
}
function text(textContent: string): RrwebNode {
  return { type: 3, id: nextId++, textContent };
}
function snapshotOf(...nodes: RrwebNode[]): RrwebEvent {
  const node = { type: 0, id: nextId++, childNodes: [element('html', {}, [element('body', {}, nodes)])] };
  return { type: 2, timestamp: 0, data: { node, initialOffset: { top: 0, left: 0 } } };
}
function mutation(change: object): RrwebEvent {
  return { type: 3, timestamp: 0, data: { source: 0, texts: [], attributes: [], removes: [], adds: [], ...change } };
}

/** Sanitises one element in a snapshot and as a mutation's addition, which must come out alike. */
function sanitised(tagName: string, attributes: Record<string, unknown> = {}, children: RrwebNode[] = []): RrwebNode {
  const inSnapshot = element(tagName, { ...attributes }, structuredClone(children));
  sanitiseDomEvent(snapshotOf(inSnapshot));
  const added = { ...structuredClone(inSnapshot), tagName, attributes: { ...attributes }, childNodes: children };
  sanitiseDomEvent(mutation({ adds: [{ parentId: 1, nextId: null, node: added }] }));
  expect(added).toEqual(inSnapshot);
  return inSnapshot;
}

describe('elements', () => {
  it.each(['script', 'SCRIPT', 'svg:script', 'base', 'x><img', '', 'noembed'])(
    'makes <%s> inert and keeps its id',
    (tag) => {
      const node = sanitised(tag, { src: 'https://evil.example/x.js' }, [text('alert(1)')]);
      expect(node).toMatchObject({ tagName: 'template', attributes: {}, childNodes: [] });
      expect(node.id).toEqual(expect.any(Number));
    },
  );

  it.each(['iframe', 'frame', 'object', 'embed', 'applet'])('leaves an empty box of <%s>', (tag) => {
    const node = sanitised(tag, { src: 'x', data: 'x', srcdoc: '<script>', class: 'big', rr_width: '10px' }, [
      text('x'),
    ]);
    expect(node).toMatchObject({ tagName: 'div', attributes: { class: 'big', rr_width: '10px' }, childNodes: [] });
  });

  it('drops a meta that acts as a header and keeps others', () => {
    expect(sanitised('meta', { 'HTTP-EQUIV': 'refresh', content: '0;url=//x' }).tagName).toBe('template');
    expect(sanitised('meta', { name: 'viewport', content: 'width=device-width' }).tagName).toBe('meta');
  });

  it('keeps a link only as the rules that rrweb read from it', () => {
    expect(sanitised('link', { rel: 'stylesheet', href: 'https://evil.example/x.css' }).tagName).toBe('template');
    expect(sanitised('link', { _cssText: 'p{color:red}' }).attributes).toEqual({ _cssText: 'p{color:red}' });
  });

  it("empties a frame's document that arrives as a mutation", () => {
    const document: RrwebNode = { type: 0, id: 77, childNodes: [element('script')] };
    sanitiseDomEvent(mutation({ isAttachIframe: true, adds: [{ parentId: 5, nextId: null, node: document }] }));
    expect(document).toEqual({ type: 5, id: 77, textContent: '', childNodes: [] });
  });

  it('survives nodes nested a hundred thousand deep', () => {
    let node = element('script');
    for (let depth = 0; depth < 100_000; depth++) node = element('div', {}, [node]);
    expect(sanitiseDomEvent(snapshotOf(node)).removed).toBe(1);
  });
});

describe('attributes', () => {
  it.each([
    ['onerror', 'alert(1)'],
    ['ONLOAD', 'alert(1)'],
    ['xlink:onclick', 'x'],
    ['srcdoc', '<script>'],
    ['formaction', 'javascript:x'],
    ['href', 'javascript:alert(1)'],
    ['href', ' \u0001 JaVa\tscr\nipt:alert(1)'],
    ['href', `java${'\t'.repeat(5000)}script:alert(1)`],
    ['xlink:href', 'data:text/html,<script>'],
    ['href', 'vbscript:x'],
    ['src', 'https://evil.example/pixel.png'],
    ['src', '//evil.example/pixel.png'],
    ['srcset', 'https://evil.example/a 2x'],
    ['poster', 'http://169.254.169.254/latest'],
    ['src', 'file:///etc/passwd'],
    ['to', ' java script:alert(1)'],
    ['values', 'x;javascript:alert(1)'],
    ['bad name', 'x'],
    ['href', { toString: 'x' }],
  ])('refuses %s=%j, in nodes and in attribute mutations', (name, value) => {
    expect(sanitised('a', { [name]: value }).attributes).toEqual({});
    const attributes = { [name]: value };
    sanitiseDomEvent(mutation({ attributes: [{ id: 3, attributes }] }));
    expect(attributes).toEqual({});
  });

  it('keeps what a replay needs', () => {
    const kept = {
      'data-rushes-track': 't1',
      href: 'https://example.com/a?b=javascript:c',
      title: 'JavaScript: the good parts',
      src: 'data:image/png;base64,AAAA',
      'aria-label': 'x',
      class: 'a b',
      checked: true,
      rr_scrollTop: 12,
      viewBox: '0 0 1 1',
    };
    expect(sanitised('img', kept).attributes).toEqual(kept);
  });

  it('keeps the taking off of an attribute', () => {
    const attributes = { src: null, class: null };
    sanitiseDomEvent(mutation({ attributes: [{ id: 3, attributes }] }));
    expect(attributes).toEqual({ src: null, class: null });
  });
});

describe('styles', () => {
  it('takes imports and outside addresses out of every place where rules stand', () => {
    const css =
      '@import url(https://evil.example/a.css);p{background:url("https://evil.example/b.png")}q{background:url(data:image/png;base64,AA)}';
    const clean = 'p{background:url("data:,")}q{background:url(data:image/png;base64,AA)}';
    expect(sanitised('style', { _cssText: css }, [text(css)])).toMatchObject({
      attributes: { _cssText: clean },
      childNodes: [{ textContent: clean }],
    });
    const events: [RrwebEvent, unknown][] = [
      [mutation({ source: 8, adds: [{ rule: css }], replace: css }), { adds: [{ rule: clean }], replace: clean }],
      [mutation({ source: 13, set: { property: 'background', value: css } }), { set: { value: clean } }],
      [mutation({ source: 15, styles: [{ rules: [{ rule: css }] }] }), { styles: [{ rules: [{ rule: clean }] }] }],
      [
        mutation({ attributes: [{ id: 1, attributes: { style: { background: [css, 'important'], color: false } } }] }),
        { attributes: [{ attributes: { style: { background: [clean, 'important'], color: false } } }] },
      ],
    ];
    for (const [event, expected] of events) {
      sanitiseDomEvent(event);
      expect(event.data).toMatchObject(expected as object);
    }
  });
});

describe('events', () => {
  it.each([
    ['canvas calls', { type: 3, timestamp: 0, data: { source: 9, id: 1, commands: [] } }],
    ['font loading', { type: 3, timestamp: 0, data: { source: 10, fontSource: 'url(x)' } }],
    ['plugin payloads', { type: 6, timestamp: 0, data: { plugin: 'x', payload: {} } }],
    ['page loads', { type: 1, timestamp: 0, data: {} }],
  ])('has no place for %s', (_what, event) => {
    expect(sanitiseDomEvent(event).isEmpty).toBe(true);
  });

  it('bounds what a Meta event says', () => {
    const event: RrwebEvent = { type: 4, timestamp: 0, data: { href: 'javascript:x', width: 1e9, height: '9' } };
    sanitiseDomEvent(event);
    expect(event.data).toEqual({ href: '', width: 1280, height: 720 });
  });

  it('does not stumble over data of unexpected shapes', () => {
    for (const data of [
      null,
      1,
      'x',
      [],
      { node: [] },
      { source: 0, adds: {}, attributes: [null, 1, { attributes: 3 }] },
    ]) {
      expect(() => sanitiseDomEvent({ type: 3, timestamp: 0, data })).not.toThrow();
      expect(() => sanitiseDomEvent({ type: 2, timestamp: 0, data })).not.toThrow();
    }
  });
});
