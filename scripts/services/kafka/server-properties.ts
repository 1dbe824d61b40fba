import type { KafkaNodeState, KafkaState } from '../services-state.ts';

/** The `server.properties` of one node: broker and controller at once; three nodes keep everything three times. */
export function writeServerProperties(cluster: KafkaState, node: KafkaNodeState, dataFolder: string): string {
  const replicas = cluster.nodes.length;
  const inSync = Math.max(1, replicas - 1);
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node.nodeId,
    'controller.quorum.voters': cluster.nodes
      .map(({ nodeId, controllerPort }) => `${nodeId}@127.0.0.1:${controllerPort}`)
      .join(','),
    listeners: `CLIENT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${node.port}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
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
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
