import { describe, expect, it } from 'vitest';
import type { RrwebEvent } from '@rushes/timeline';
import { hostileNodes } from '../../../../../test/fixtures/synthetic/hostile-nodes.ts';
import { Neutraliser } from './neutralise.ts';
import type { SerializedNode } from './serialized-node.ts';

const evil = 'https://evil.example';
const create = () => new Neutraliser((key) => `/own/${key}?token=t`);

function snapshotOf(childNodes: unknown[]): RrwebEvent {
  return { type: 2, timestamp: 0, data: { node: { type: 0, id: 1, childNodes }, initialOffset: { left: 0, top: 0 } } };
}

function nodesOf(event: RrwebEvent | undefined): SerializedNode[] {
  return (event?.data as { node: SerializedNode }).node.childNodes ?? [];
}

function element(tagName: string, attributes: Record<string, unknown>, id = 2): SerializedNode {
  return { type: 2, id, tagName, attributes, childNodes: [] };
}

describe('a neutralised page', () => {
  it('mentions neither the attacker nor a handler', () => {
    let id = 1;
    const event = create().neutralise(snapshotOf(hostileNodes(evil, () => ++id)));
    const text = JSON.stringify(event);
    expect(text).not.toContain(evil);
    expect(text).not.toMatch(/javascript:|srcdoc|"on\w+"|http-equiv/i);
  });

  it('keeps every id, so that later mutations find their nodes', () => {
    let id = 1;
    const nodes = hostileNodes(evil, () => ++id);
    expect(nodesOf(create().neutralise(snapshotOf(nodes))).map((node) => node.id)).toEqual(
      nodes.map((node) => node.id),
    );
  });

  it('leaves what is harmless as it was', () => {
    const nodes = [
      element('div', {
        class: 'tile',
        style: 'color: red; background: url("data:image/png;base64,AA==")',
        'data-x': '1',
      }),
      element('img', { src: 'data:image/png;base64,AA==', alt: 'x' }, 3),
      element('video', { class: 'picture', 'data-rushes-track': 't1', 'data-rushes-aspect': '16 / 9' }, 4),
    ];
    expect(nodesOf(create().neutralise(snapshotOf(nodes)))).toEqual(nodes);
  });

  it('points to the recording’s own assets', () => {
    const key = `assets/${'a'.repeat(64)}`;
    const nodes = [element('img', { src: key }), element('style', { _cssText: `a { background: url(${key}) }` }, 3)];
    const [image, style] = nodesOf(create().neutralise(snapshotOf(nodes)));
    expect(image!.attributes).toEqual({ src: `/own/${key}?token=t` });
    expect(style!.attributes).toEqual({ _cssText: `a { background: url("/own/${key}?token=t") }` });
  });

  it('takes attacks out of mutations, knowing which element an id is', () => {
    const neutraliser = create();
    neutraliser.neutralise(snapshotOf([element('a', { href: '/x' }, 7), element('img', {}, 8)]));
    const event = neutraliser.neutralise({
      type: 3,
      timestamp: 1,
      data: {
        source: 0,
        texts: [],
        removes: [],
        adds: [
          { parentId: 1, nextId: null, node: element('script', { src: `${evil}/x.js` }, 9) },
          { parentId: 9, nextId: null, node: { type: 0, id: 10, childNodes: [] } },
        ],
        attributes: [
          { id: 7, attributes: { href: `javascript:alert(1)`, onclick: 'alert(1)', title: 'ok' } },
          { id: 8, attributes: { src: `${evil}/x.png`, style: { background: [`url(${evil}/y.png)`, 'important'] } } },
        ],
      },
    });
    expect(event?.data).toMatchObject({
      adds: [{ node: { tagName: 'noscript', attributes: {} } }],
      attributes: [
        { id: 7, attributes: { href: '#', title: 'ok' } },
        { id: 8, attributes: { style: { background: ['url("data:,")', 'important'] } } },
      ],
    });
  });

  it('drops events that the player does not replay', () => {
    expect(create().neutralise({ type: 5, timestamp: 0, data: { tag: 'x', payload: {} } })).toBeUndefined();
    expect(create().neutralise({ type: 3, timestamp: 0, data: { source: 9, id: 1, commands: [] } })).toBeUndefined();
    expect(
      create().neutralise({
        type: 3,
        timestamp: 0,
        data: { source: 10, family: 'x', fontSource: `url(${evil})`, buffer: false },
      }),
    ).toBeUndefined();
  });
});
