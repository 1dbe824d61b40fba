import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { servicePaths } from '../../setup/service-programs.mjs';
import type { S3State } from '../services-state.ts';

/** How one make of S3 server is started. Its folder exists; objects go into `objects` in it. */
export type S3Make = {
  /** Also its folder's name. */
  name: string;
  command: string;
  args(state: S3State, folder: string): string[];
  env?(state: S3State): Record<string, string>;
  /** Writes what it reads at its start. */
  prepare?(state: S3State, folder: string): Promise<void>;
};

/** Needs only the Java that Kafka needs. */
export const s3proxy: S3Make = {
  name: 's3proxy',
  command: 'java',
  args: (_state, folder) => ['-Xmx256m', '-jar', servicePaths.s3proxyJar, '--properties', propertiesFile(folder)],
  prepare: async (state, folder) => {
    const settings = {
      's3proxy.endpoint': state.endpoint,
      's3proxy.authorization': 'aws-v2-or-v4',
      's3proxy.identity': state.accessKeyId,
      's3proxy.credential': state.secretAccessKey,
      'jclouds.provider': 'filesystem-nio2',
      'jclouds.filesystem.basedir': join(folder, 'objects'),
      // A browser follows a presigned URL from another origin.
      's3proxy.cors-allow-all': true,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(propertiesFile(folder), lines.join(''));
  },
};

/** Stricter about signatures, checksums and names; built with Go. */
export const versitygw: S3Make = {
  name: 'versitygw',
  command: servicePaths.versitygw,
  args: (state, folder) => ['--port', new URL(state.endpoint).host, 'posix', join(folder, 'objects')],
  env: (state) => ({
    ROOT_ACCESS_KEY: state.accessKeyId,
    ROOT_SECRET_KEY: state.secretAccessKey,
    VGW_REGION: state.region,
  }),
};

const propertiesFile = (folder: string) => join(folder, 's3proxy.properties');
