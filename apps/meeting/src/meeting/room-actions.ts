import { whiteboardType, type WhiteboardEventData, type WhiteboardEventName } from '@rushes/whiteboard';

/** What a person does in the room beside being seen and heard: each an event of the catalogue or of a plugin. */
export abstract class RoomActions {
  async sendChat(text: string): Promise<void> {
    await this.act('rushes.chat.message-sent.v1', { messageId: crypto.randomUUID(), text });
  }

  /** Returns the new poll's id. */
  async openPoll(question: string, options: readonly string[], multiple = false): Promise<string> {
    const pollId = crypto.randomUUID();
    const named = options.map((text, index) => ({ optionId: `o${index + 1}`, text }));
    await this.act('rushes.poll.opened.v2', { pollId, question, options: named, multiple });
    return pollId;
  }

  async vote(pollId: string, optionIds: readonly string[]): Promise<void> {
    await this.act('rushes.poll.voted.v1', { pollId, optionIds: [...optionIds] });
  }

  async closePoll(pollId: string): Promise<void> {
    await this.act('rushes.poll.closed.v1', { pollId });
  }

  async react(emoji: string): Promise<void> {
    await this.act('rushes.reaction.sent.v1', { emoji });
  }

  async setHand(isRaised: boolean): Promise<void> {
    await this.act(isRaised ? 'rushes.hand.raised.v1' : 'rushes.hand.lowered.v1', {});
  }

  async sendCaption(
    text: string,
    options: { captionId?: string; language?: string; isFinal?: boolean } = {},
  ): Promise<void> {
    await this.act('rushes.caption.spoken.v1', { captionId: crypto.randomUUID(), ...options, text });
  }

  async mark(label: string): Promise<void> {
    if (await this.act('rushes.recording.marked.v1', { label })) this.tell('Marked this moment in the recording');
  }

  async whiteboard<N extends WhiteboardEventName>(name: N, data: WhiteboardEventData[N]): Promise<void> {
    await this.act(whiteboardType(name), data);
  }

  /**
   * Shows it here at once, records it from here, tells the others; undone and shown as a problem when the room refuses it.
   * @returns whether the room took it
   */
  protected abstract act(type: string, data: unknown): Promise<boolean>;

  /** Says something to the person in front of the page. */
  protected abstract tell(text: string): void;
}
