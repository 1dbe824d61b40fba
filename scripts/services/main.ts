import { parseArgs } from 'node:util';
import { findAbsent } from './find-absent.ts';
import { KafkaCluster } from './kafka/kafka-cluster.ts';
import { RunningServices } from './running-services.ts';
import type { Service } from './service.ts';
import { serviceNames, type ServiceName, type ServicesState } from './services-state.ts';
import { startServices } from './start-services.ts';
import { readStateFile, removeStateFile, stateFile, writeStateFile } from './state-file.ts';

/**
 * `npm run services -- start | stop | status [--kafka-nodes 3] [--only kafka,s3,postgres] [--state FILE]`: a set of real
 * services that stays after this command. `start` again starts what has died, on the same data and ports.
 */
const usage =
  'npm run services -- start | stop | status [--kafka-nodes 1|3] [--only kafka,s3,s3Strict,postgres] [--state FILE]';

const { positionals, values } = readArguments();
const path = values.state;
const save = { endsWithParent: false, onChange: (state: ServicesState) => writeStateFile(path, state) };

switch (positionals.join(' ')) {
  case 'start':
    await start();
    break;
  case 'stop':
    await stop();
    break;
  case 'status':
    await showStatus();
    break;
  default:
    fail(`expected start, stop or status, not "${positionals.join(' ')}"`);
}

async function start(): Promise<void> {
  const kafkaNodes = values['kafka-nodes'];
  if (kafkaNodes !== '1' && kafkaNodes !== '3') fail(`--kafka-nodes: expected 1 or 3, not "${kafkaNodes}"`);
  const only = values.only?.split(',').map(readName);
  const state = readStateFile(path);
  if (state) {
    const services = await RunningServices.open(state, save);
    await services.start();
  } else {
    await startNew({ kafkaNodes: kafkaNodes === '3' ? 3 : 1, ...(only && { only }) });
  }
  await showStatus();
}

async function startNew(options: { kafkaNodes: 1 | 3; only?: ServiceName[] }): Promise<void> {
  try {
    await startServices({ ...save, ...options });
  } catch (error) {
    removeStateFile(path);
    throw error;
  }
}

async function stop(): Promise<void> {
  const state = readStateFile(path);
  if (!state) {
    process.stdout.write('No services were started.\n');
    return;
  }
  const services = await RunningServices.open(state, save);
  await services.stop();
  removeStateFile(path);
  process.stdout.write('Stopped, data removed.\n');
}

/** Exit code 3 says that one does not run. */
async function showStatus(): Promise<void> {
  const state = readStateFile(path);
  if (!state) {
    process.stdout.write('No services were started.\n');
    process.exitCode = 3;
    return;
  }
  const services = await RunningServices.open(state, save);
  for (const [name, service] of services.all) {
    if (service instanceof KafkaCluster) service.nodes.forEach((node) => showLine(`kafka node ${node.nodeId}`, node));
    else showLine(name, service);
  }
  for (const [name, reason] of Object.entries(findAbsent())) {
    process.stdout.write(`${name.padEnd(13)} absent: ${reason}\n`);
  }
  process.stdout.write(`state: ${path}\n`);
}

function showLine(name: string, { address, pid }: Service): void {
  const how = pid === undefined ? 'not running' : `pid ${pid}`;
  process.stdout.write(`${name.padEnd(13)} ${address.padEnd(45)} ${how}\n`);
  if (pid === undefined) process.exitCode = 3;
}

function readName(name: string): ServiceName {
  const found = serviceNames.find((candidate) => candidate === name);
  return found ?? fail(`--only: expected some of ${serviceNames.join(', ')}, not "${name}"`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'kafka-nodes': { type: 'string', default: '1' },
        only: { type: 'string' },
        state: { type: 'string', default: stateFile },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}
