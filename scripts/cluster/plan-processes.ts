import { join } from 'node:path';
import { findFreePorts } from '../services/free-ports.ts';
import type { ProcessOptions } from './supervised-process.ts';

/** What runs how often; each kind is an app under apps/. */
export const serviceCounts = {
  gateway: 2,
  recorder: 2,
  'timeline-writer': 2,
  api: 1,
  renderer: 2,
  analytics: 1,
} as const;
export type ServiceKind = keyof typeof serviceCounts;
export const serviceKinds = Object.keys(serviceCounts) as ServiceKind[];

export type PlannedProcess = Omit<ProcessOptions, 'onFailure'> & { kind: ServiceKind | 'balancer'; address: string };

export type ClusterPlan = {
  processes: PlannedProcess[];
  /** Of the balancer: all that a browser or a client needs. */
  url: string;
  viewerUrl: string;
};

export type PlanOptions = {
  /** Data and logs of everything, each process's in a folder of its own. */
  folder: string;
  apiKey: string;
  /** Of Kafka, S3 and PostgreSQL. */
  services: Readonly<Record<string, string>>;
  counts?: Partial<Record<ServiceKind, number>>;
};

const mediaPortsPerRecorder = 40;
const firstMediaPort = 43_000;

/** Chooses ports and folders and says how each process is started. */
export async function planProcesses(options: PlanOptions): Promise<ClusterPlan> {
  const { folder, apiKey, services } = options;
  const counts = { ...serviceCounts, ...options.counts };
  const apps = serviceKinds.flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, index) => ({ kind, index, name: `${kind}-${index + 1}` })),
  );
  const [httpPort, viewerPort, apiViewerPort, ...ports] = (await findFreePorts(3 + apps.length)) as [
    number,
    number,
    number,
    ...number[],
  ];
  const url = `http://127.0.0.1:${httpPort}`;
  const viewerUrl = `http://127.0.0.1:${viewerPort}`;
  const portOf = (name: string) => ports[apps.findIndex((app) => app.name === name)]!;

  const processes = apps.map(({ kind, index, name }): PlannedProcess => {
    const port = portOf(name);
    const own = `http://127.0.0.1:${port}`;
    return {
      kind,
      name,
      address: own,
      command: process.execPath,
      args: ['--disable-warning=TimeoutNegativeWarning', `dist/node/apps/${kind}/src/main.js`],
      logFile: join(folder, `${name}.log`),
      readyUrl: `${own}/health/ready`,
      env: {
        ...services,
        RUSHES_API_KEY: apiKey,
        RUSHES_LOG_FORMAT: 'json',
        RUSHES_DATA_DIR: join(folder, name),
        RUSHES_HTTP_PORT: String(port),
        RUSHES_PUBLIC_URL: url,
        RUSHES_VIEWER_URL: viewerUrl,
        ...(kind === 'api'
          ? { RUSHES_VIEWER_PORT: String(apiViewerPort), RUSHES_RECORDER_ORIGINS: recorderOrigins }
          : {}),
        ...(kind === 'recorder' ? { RUSHES_RECORDER_URL: own, ...mediaPorts(index) } : {}),
      },
    };
  });
  const balancer: PlannedProcess = {
    kind: 'balancer',
    name: 'balancer',
    address: url,
    command: 'haproxy',
    args: ['-db', '-f', 'deploy/haproxy.cfg'],
    logFile: join(folder, 'balancer.log'),
    readyUrl: `${url}/health/live`,
    env: balancerVariables(),
  };
  return { processes: [...processes, balancer], url, viewerUrl };

  function balancerVariables(): Record<string, string> {
    const at = (port: number) => `127.0.0.1:${port}`;
    const servers = apps
      .filter(({ kind }) => kind === 'gateway' || kind === 'recorder' || kind === 'api')
      .map(({ kind, index, name }) => [`${kind.toUpperCase()}_${index + 1}`, at(portOf(name))]);
    return {
      BALANCER_HTTP: at(httpPort),
      BALANCER_VIEWER: at(viewerPort),
      API_VIEWER_1: at(apiViewerPort),
      ...(Object.fromEntries(servers) as Record<string, string>),
    };
  }
}

/** Every recorder of this machine, whatever its port. */
const recorderOrigins = 'http://127.0.0.1:*';

function mediaPorts(index: number): Record<string, string> {
  const min = firstMediaPort + index * mediaPortsPerRecorder;
  return { RUSHES_RTC_PORT_MIN: String(min), RUSHES_RTC_PORT_MAX: String(min + mediaPortsPerRecorder - 1) };
}
