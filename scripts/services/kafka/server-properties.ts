import type { KafkaNodeState, KafkaState, SecuredKafka } from '../services-state.ts';

/**
 * The `server.properties` of one node: broker and controller at once; three nodes keep everything three times.
 * @param keyFile of a node that has the secured listener: its private key and certificate, PEM
 */
export function writeServerProperties(
  cluster: KafkaState,
  node: KafkaNodeState,
  { dataFolder, keyFile }: { dataFolder: string; keyFile: string | undefined },
): string {
  const secured = keyFile === undefined ? undefined : cluster.secured;
  const clientListeners = [`CLIENT://127.0.0.1:${node.port}`, ...(secured ? [`SECURED://${secured.broker}`] : [])];
  const replicas = cluster.nodes.length;
  const inSync = Math.max(1, replicas - 1);
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node.nodeId,
    'controller.quorum.voters': cluster.nodes
      .map(({ nodeId, controllerPort }) => `${nodeId}@127.0.0.1:${controllerPort}`)
      .join(','),
    listeners: [...clientListeners, `CONTROLLER://127.0.0.1:${node.controllerPort}`].join(','),
    'advertised.listeners': clientListeners.join(','),
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataFolder,
    // Topics are made with their settings (`rushes topics apply`); one that is missing must be an error.
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 1,
    // A group of tests has all its members at once; waiting for more costs each test three seconds.
    'group.initial.rebalance.delay.ms': 0,
    // 128 MB by default, out of a heap of 320.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // A killed broker is missed after this, instead of 9 s.
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
    ...(secured && securedSettings(secured, keyFile!)),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function securedSettings({ username, password }: SecuredKafka, keyFile: string): Record<string, string> {
  const modules = 'org.apache.kafka.common.security';
  const scram = `${modules}.scram.ScramLoginModule required;`;
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.secured.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required user_${username}="${password}";`,
    'listener.name.secured.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.secured.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.secured.ssl.keystore.type': 'PEM',
    'listener.name.secured.ssl.keystore.location': keyFile,
  };
}
