type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';
/** Who this is, as the brokers' SASL listener wants to know it. */
export type KafkaSasl = { [M in SaslMechanism]: { mechanism: M; username: string; password: string } }[SaslMechanism];

/** How to reach a Kafka cluster. */
export type KafkaConnection = {
  /** `host:port` of one or more brokers; the others are found through them. */
  brokers: readonly string[];
  /** What the brokers' logs call this process. Default `rushes`. */
  clientId?: string;
  /** Before the name of every topic and group, so that several installations share a cluster. Default none. */
  topicPrefix?: string;
  /** TLS, with the certificates that Node trusts. Default false. */
  ssl?: boolean;
  sasl?: KafkaSasl;
};
