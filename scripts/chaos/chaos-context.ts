import type { Pool } from 'pg';
import type { Manifest, RecordingId } from '@rushes/timeline';
import type { Cluster } from '../cluster/cluster.ts';
import type { ApiClient } from '../demo/api-client.ts';
import type { ChaosMeeting } from './chaos-meeting.ts';
import type { Ledger } from './ledger.ts';

/** What the cases work on. */
export type ChaosContext = {
  cluster: Cluster;
  api: ApiClient;
  meeting: ChaosMeeting;
  ledger: Ledger;
  /** The cluster's database, to look where a room lives. */
  pool: Pool;
  /** A finished recording, for exports that are to be disturbed; only where renderers are killed. */
  finished: Manifest | undefined;
  say: (text: string) => void;
};

/** A recorder that was killed while it recorded. `at` is epoch milliseconds. */
export type RecorderKill = { recordingId: RecordingId; at: number };
