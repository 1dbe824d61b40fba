import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTemplate } from '@rushes/database/testing';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { startApplication, type RunningApplication } from '../application.ts';
import { loadConfig } from '../config/config.ts';
import { PlatformModule } from '../platform.module.ts';

/** The API key of every application under test. */
export const testApiKey = 'test-key-0123456789-0123456789-0123';

export type TestApplication = RunningApplication & { dataDir: string };

/**
 * Starts `imports` on the platform: real embedded adapters in a folder of their own, free ports, API key {@link testApiKey}.
 * Closing it removes the folder, unless `dataDir` was given.
 */
export async function startTestApplication(
  imports: readonly (Type | DynamicModule)[],
  env: Readonly<Record<string, string>> = {},
): Promise<TestApplication> {
  const dataDir = env.RUSHES_DATA_DIR ?? (await makeDataDir());
  const config = loadConfig({
    RUSHES_HTTP_PORT: '0',
    RUSHES_VIEWER_PORT: '0',
    RUSHES_DATA_DIR: dataDir,
    RUSHES_LOG_LEVEL: 'silent',
    RUSHES_API_KEY: testApiKey,
    ...env,
  });

  @Module({ imports: [PlatformModule.forRoot(config), ...imports] })
  class TestModule {}

  const running = await startApplication(TestModule);
  return {
    ...running,
    dataDir,
    async close() {
      await running.close();
      if (env.RUSHES_DATA_DIR === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rushes-test-'));
  await copyTemplate(dataDir);
  return dataDir;
}
