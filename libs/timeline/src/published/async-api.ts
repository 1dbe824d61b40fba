import { z } from 'zod';
import { envelopeAttributesSchema } from '../events/envelope.ts';
import {
  dataOrClaim,
  publishedDeadLetters,
  publishedEvents,
  toJsonSchema,
  type JsonSchema,
  type PublishedEvent,
  type PublishedParts,
} from './json-schema.ts';

/** The stream's own version. A new major one may break readers; `docs/adr/0014-schemas-only-grow.md`. */
export const streamVersion = '1.0.0';

/** A Kafka topic as it is created. */
export type PublishedTopic = {
  /** Its name on the cluster. */
  address: string;
  partitions: number;
  /** Kafka's own names and values, for example `retention.ms`. */
  config: Readonly<Record<string, string>>;
};

export type AsyncApiOptions = PublishedParts & {
  topics: { events: PublishedTopic; dom: PublishedTopic; deadLetters: PublishedTopic };
};

const bindingVersion = '0.5.0';
/** Of CloudEvents' Kafka binding in structured mode. */
export const eventContentType = 'application/cloudevents+json; charset=UTF-8';

const pluginEvent: PublishedEvent = {
  type: 'rushes.plugin',
  description: 'Any event of a plugin that this document does not list: rushes.plugin.<id>.<event>.v<n>.',
  schema: z.unknown(),
  isEarlier: false,
};

/** The AsyncAPI 3.0 document of the stream: a channel for each topic, a message for each type of event. JSON-serialisable. */
export function asyncApiDocument({ topics, plugins, deadLetters }: AsyncApiOptions): JsonSchema {
  const all = publishedEvents(plugins);
  const letters = publishedDeadLetters(deadLetters);
  const ofDom = all.filter(({ type }) => type.startsWith('rushes.dom.'));
  const ofEvents = [...all.filter((event) => !ofDom.includes(event)), pluginEvent];
  const description = {
    events:
      'Everything that happened in meetings except page changes: small, kept. In order within a recording as far as one source ' +
      'goes; sort by atms across sources.',
    dom: 'Page changes as rrweb recorded them: bulky, kept for a short time.',
    deadLetters: 'Records that no consumer could take, with the reason.',
  };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rushes event stream',
      version: streamVersion,
      description:
        'Every recorded meeting as CloudEvents 1.0 (structured JSON) on Kafka. Delivery is at least once: source and seq ' +
        'together are unique. Working examples: docs/read-the-stream.md.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      events: channel(topics.events, 'Events', description.events, ofEvents),
      dom: channel(topics.dom, 'Page changes', description.dom, ofDom),
      deadLetters: channel(topics.deadLetters, 'Dead letters', description.deadLetters, letters),
    },
    operations: {
      sendEvents: { action: 'send', summary: 'What happened.', channel: { $ref: '#/channels/events' } },
      sendPageChanges: { action: 'send', summary: 'What pages looked like.', channel: { $ref: '#/channels/dom' } },
      sendDeadLetters: {
        action: 'send',
        summary: 'What failed for good.',
        channel: { $ref: '#/channels/deadLetters' },
      },
    },
    components: {
      messages: Object.fromEntries([...all, pluginEvent, ...letters].map((event) => [event.type, message(event)])),
      messageTraits: {
        event: {
          headers: {
            type: 'object',
            properties: { 'content-type': { type: 'string', const: eventContentType } },
          },
          bindings: {
            kafka: {
              key: { type: 'string', description: 'The recordingId: a recording’s events share a partition.' },
              bindingVersion,
            },
          },
        },
      },
      schemas: {
        envelope: {
          title: 'CloudEvents 1.0 envelope',
          ...toPayloadSchema(envelopeAttributesSchema),
          anyOf: dataOrClaim,
        },
      },
    },
  };
}

function channel(
  { address, partitions, config }: PublishedTopic,
  title: string,
  description: string,
  events: readonly PublishedEvent[],
): JsonSchema {
  const number = (name: string): JsonSchema => (config[name] === undefined ? {} : { [name]: Number(config[name]) });
  const policy = config['cleanup.policy'];
  return {
    address,
    title,
    description,
    messages: Object.fromEntries(events.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: {
      kafka: {
        topic: address,
        partitions,
        topicConfiguration: {
          ...(policy === undefined ? {} : { 'cleanup.policy': policy.split(',') }),
          ...number('retention.ms'),
          ...number('retention.bytes'),
          ...number('max.message.bytes'),
        },
        bindingVersion,
      },
    },
  };
}

function message({ type, description, schema, isEarlier }: PublishedEvent): JsonSchema {
  const typeSchema = type === pluginEvent.type ? { type: 'string', pattern: '^rushes\\.plugin\\.' } : { const: type };
  return {
    name: type,
    title: type,
    summary: description,
    contentType: 'application/cloudevents+json',
    ...(isEarlier ? { tags: [{ name: 'earlier version' }] } : {}),
    traits: [{ $ref: '#/components/messageTraits/event' }],
    payload: {
      allOf: [
        { $ref: '#/components/schemas/envelope' },
        { type: 'object', properties: { type: typeSchema, data: toPayloadSchema(schema) } },
      ],
    },
  };
}

/** AsyncAPI's schemas are draft 7. */
function toPayloadSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema, { target: 'draft-7' });
  return rest;
}
