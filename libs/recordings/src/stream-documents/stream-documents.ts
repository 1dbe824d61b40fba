import { deadLetterSchema, deadLetterTypes, replayNoteSchema, topics, type Topic } from '@rushes/event-log';
import { defineTopics } from '@rushes/event-log/kafka/topics';
import { asyncApiDocument, publishedSchemas, type JsonSchema, type PublishedTopic } from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';

/** Of a default cluster. */
const replication = 3;
const plugins = [whiteboardPlugin];
const deadLetters = [
  {
    type: deadLetterTypes.noted,
    description: 'A record that a consumer group could never take, with the reason.',
    schema: deadLetterSchema,
    isEarlier: false,
  },
  {
    type: deadLetterTypes.replayed,
    description: 'The record of a dead letter was put back into its topic.',
    schema: replayNoteSchema,
    isEarlier: false,
  },
];

/** The event stream as it is published: the AsyncAPI document, and JSON Schemas by their names. */
export const streamDocuments: { asyncApi: JsonSchema; schemas: ReadonlyMap<string, JsonSchema> } = {
  asyncApi: asyncApiDocument({
    topics: {
      events: published(topics.events),
      dom: published(topics.dom),
      deadLetters: published(topics.deadLetters),
    },
    plugins,
    deadLetters,
  }),
  schemas: publishedSchemas({ plugins, deadLetters }),
};

function published(topic: Topic): PublishedTopic {
  const { partitions, config } = defineTopics({ replication }).find((each) => each.topic === topic)!;
  return { address: topic, partitions, config };
}
