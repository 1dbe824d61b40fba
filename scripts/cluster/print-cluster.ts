import { printTable } from '../print-table.ts';
import type { Cluster } from './cluster.ts';

/** Prints what runs where. */
export function printCluster(cluster: Cluster, say: (text: string) => void): void {
  const { kafka, s3, postgres } = cluster.services;
  say('\nWhat runs where');
  printTable(say, [
    ...(kafka?.nodes ?? []).map((node) => [`kafka-${node.nodeId}`, node.address, pidOf(node.pid), '']),
    ['s3', s3?.address ?? '', pidOf(s3?.pid), ''],
    // The address holds no password: the server trusts this machine.
    ['postgres', postgres?.address ?? '', pidOf(postgres?.pid), ''],
    ...cluster.members.map(({ planned, process }) => [
      planned.name,
      planned.address,
      pidOf(process.pid),
      planned.logFile,
    ]),
  ]);
}

function pidOf(pid: number | undefined): string {
  return pid === undefined ? 'down' : String(pid);
}
