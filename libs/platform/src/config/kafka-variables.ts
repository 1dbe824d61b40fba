import { z } from 'zod';
import { switchValue, list, count, retentionHours, type Variable } from './variable-schemas.ts';

/** What concerns the event log on Kafka; a part of `variables`. */
export const kafkaVariables = {
  RUSHES_KAFKA_BROKERS: {
    schema: list.optional(),
    meaning: 'host:port of the brokers, separated by commas.',
    defaultText: 'none',
  },
  RUSHES_KAFKA_TOPIC_PREFIX: {
    schema: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'expected at most 100 letters, digits, ".", "-" or "_"')
      .optional(),
    meaning: 'Stands before the names of all topics and groups, so that several installations share a cluster.',
    defaultText: 'none',
  },
  RUSHES_KAFKA_PARTITIONS: {
    schema: count('partitions').default(12),
    meaning:
      'Partitions of the topics for events: how many processes of one service can share the work. Cannot be changed later.',
    defaultText: '12',
  },
  RUSHES_KAFKA_REPLICATION: {
    schema: count('copies').optional(),
    meaning: 'Copies of each partition. An acknowledged event is in all of them but one, at least.',
    defaultText: '3, or the number of brokers',
  },
  RUSHES_KAFKA_SSL: {
    schema: switchValue.default(false),
    meaning: 'true: TLS to the brokers, with the certificates that Node trusts (NODE_EXTRA_CA_CERTS adds one).',
    defaultText: 'false',
  },
  RUSHES_KAFKA_SASL_MECHANISM: {
    schema: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'expected plain, scram-sha-256 or scram-sha-512')
      .optional(),
    meaning: 'How to log on at the brokers: plain, scram-sha-256 or scram-sha-512. Needs the next two.',
    defaultText: 'no log-on',
  },
  RUSHES_KAFKA_SASL_USERNAME: {
    schema: z.string().min(1, 'expected a name').optional(),
    meaning: 'Name to log on with.',
    defaultText: 'none',
  },
  RUSHES_KAFKA_SASL_PASSWORD: {
    schema: z.string().min(1, 'expected a password').optional(),
    meaning: 'Password to log on with.',
    defaultText: 'none',
  },
  RUSHES_EVENTS_RETENTION_HOURS: {
    schema: retentionHours.optional(),
    meaning: 'How long interactive events stay in the event log. Recordings do not need them once they are stored.',
    defaultText: 'for ever',
  },
  RUSHES_DOM_RETENTION_HOURS: {
    schema: retentionHours.default(7 * 24),
    meaning: 'How long page events stay in the event log: longer than any outage of the timeline writers.',
    defaultText: '168',
  },
} as const satisfies Record<string, Variable>;
