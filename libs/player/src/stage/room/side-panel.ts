import type { ChatMessage, Poll, RoomState, TimelinePlugin } from '@rushes/timeline';
import { createElement, KeyedChildren, setBox, setStyle, setText } from '../dom-helpers.ts';
import type { Rect } from './room-geometry.ts';
import { hueOf, nameOf } from './room-view-model.ts';

/** More lines than fit are never shown. */
const shownLines = 30;

/** The column beside the pictures: the plugins' boards, the newest poll with its votes, the chat's last lines. */
export class SidePanel {
  readonly element: HTMLElement;
  readonly #boards: {
    plugin: TimelinePlugin;
    emptyState: string;
    card: HTMLElement;
    image: HTMLImageElement;
    state: unknown;
  }[];
  readonly #pollCard: HTMLElement;
  readonly #pollTitle: HTMLElement;
  readonly #question: HTMLElement;
  readonly #options: KeyedChildren<OptionView>;
  readonly #lines: KeyedChildren<ChatLineView>;
  readonly #empty: HTMLElement;

  constructor(parent: HTMLElement, plugins: readonly TimelinePlugin[]) {
    this.element = createElement(parent, 'rushes-panel');
    this.#boards = plugins
      .filter((plugin) => plugin.renderSvg !== undefined)
      .map((plugin) => {
        const card = createElement(this.element, 'rushes-card');
        setText(createElement(card, 'rushes-card-title'), titleOf(plugin.id));
        const image = createElement(card, 'rushes-board', 'img') as HTMLImageElement;
        image.alt = '';
        setStyle(card, 'display', 'none');
        return { plugin, emptyState: JSON.stringify(plugin.initialState), card, image, state: undefined };
      });
    this.#pollCard = createElement(this.element, 'rushes-card');
    this.#pollTitle = createElement(this.#pollCard, 'rushes-card-title');
    this.#question = createElement(this.#pollCard, 'rushes-poll-question');
    this.#options = new KeyedChildren(createElement(this.#pollCard, ''), () => new OptionView(parent.ownerDocument));
    const chat = createElement(this.element, 'rushes-card rushes-chat');
    setText(createElement(chat, 'rushes-card-title'), 'Chat');
    this.#empty = createElement(chat, 'rushes-empty');
    setText(this.#empty, 'No messages yet');
    this.#lines = new KeyedChildren(
      createElement(chat, 'rushes-chat-lines'),
      () => new ChatLineView(parent.ownerDocument),
    );
  }

  update(state: RoomState, rect: Rect | null): void {
    setStyle(this.element, 'display', rect === null ? 'none' : 'flex');
    if (rect === null) return;
    setBox(this.element, rect);
    this.#updateBoards(state);
    this.#updatePoll(state);
    const messages = state.chat.slice(-shownLines);
    setStyle(this.#empty, 'display', messages.length === 0 ? 'block' : 'none');
    const lines = this.#lines.updateInOrder(messages.map((message) => message.messageId));
    lines.forEach((line, index) => line.update(messages[index]!, nameOf(state, messages[index]!.participantId)));
  }

  #updateBoards(state: RoomState): void {
    for (const board of this.#boards) {
      const next = state.plugins[board.plugin.id];
      if (next === board.state) continue;
      board.state = next;
      const isEmpty = next === undefined || JSON.stringify(next) === board.emptyState;
      setStyle(board.card, 'display', isEmpty ? 'none' : 'block');
      if (isEmpty) continue;
      const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(board.plugin.renderSvg!(next))}`;
      if (board.image.src !== source) board.image.src = source;
    }
  }

  #updatePoll(state: RoomState): void {
    const poll = state.polls.at(-1);
    setStyle(this.#pollCard, 'display', poll ? 'block' : 'none');
    if (!poll) return;
    setText(this.#pollTitle, poll.closedAtMs === null ? 'Poll' : 'Poll · closed');
    setText(this.#question, poll.question);
    const counts = countVotes(poll);
    const total = Object.keys(poll.votes).length;
    const options = this.#options.updateInOrder(poll.options.map((option) => `${poll.pollId}/${option.optionId}`));
    options.forEach((view, index) => {
      const option = poll.options[index]!;
      view.update(option.text, counts.get(option.optionId) ?? 0, total);
    });
  }
}

/** Votes an option, by optionId. */
export function countVotes(poll: Poll): Map<string, number> {
  const counts = new Map<string, number>();
  for (const optionIds of Object.values(poll.votes)) {
    for (const optionId of optionIds) counts.set(optionId, (counts.get(optionId) ?? 0) + 1);
  }
  return counts;
}

class OptionView {
  readonly element: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #text: HTMLElement;
  readonly #count: HTMLElement;

  constructor(document: Document) {
    this.element = document.createElement('div');
    this.element.className = 'rushes-option';
    this.#bar = createElement(this.element, 'rushes-option-bar');
    const text = createElement(this.element, 'rushes-option-text');
    this.#text = createElement(text, '', 'span');
    this.#count = createElement(text, '', 'span');
  }

  update(text: string, count: number, total: number): void {
    setText(this.#text, text);
    setText(this.#count, String(count));
    setStyle(this.#bar, 'width', `${total === 0 ? 0 : Math.round((100 * count) / total)}%`);
  }
}

class ChatLineView {
  readonly element: HTMLElement;
  readonly #name: HTMLElement;
  readonly #text: HTMLElement;

  constructor(document: Document) {
    this.element = document.createElement('div');
    this.element.className = 'rushes-chat-line';
    this.#name = document.createElement('b');
    this.element.append(this.#name);
    this.#text = createElement(this.element, '', 'span');
  }

  update(message: ChatMessage, name: string): void {
    setStyle(this.element, '--hue', String(hueOf(message.participantId)));
    setText(this.#name, name);
    setText(this.#text, message.text);
  }
}

function titleOf(pluginId: string): string {
  return pluginId.charAt(0).toUpperCase() + pluginId.slice(1).replaceAll('-', ' ');
}
