import type { TopicDifference } from './inspect-topics.ts';

/** The cluster's topics are not as they must be. `rushes topics apply` makes them so, as far as Kafka allows. */
export class TopicsDifferError extends Error {
  readonly code = 'topics-differ';
  readonly retriable = false;

  constructor(readonly differences: readonly TopicDifference[]) {
    super(
      [
        'The topics are not as expected (`rushes topics apply` creates and changes them):',
        ...differences.map(({ topic, setting, found, expected }) =>
          setting === 'topic'
            ? `  ${topic}: there is no such topic`
            : `  ${topic}: ${setting} is ${found}, expected ${expected}`,
        ),
      ].join('\n'),
    );
    this.name = 'TopicsDifferError';
  }
}
