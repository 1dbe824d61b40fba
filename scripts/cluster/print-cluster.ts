import type { Cluster } from './cluster.ts';

/** Prints what runs where. */
export function printCluster(cluster: Cluster, say: (text: string) => void): void {
  const { kafka, s3, postgres } = cluster.services;
  const rows = [
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
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  say('\nWhat runs where');
  for (const row of rows) say(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function pidOf(pid: number | undefined): string {
  return pid === undefined ? 'down' : String(pid);
}
