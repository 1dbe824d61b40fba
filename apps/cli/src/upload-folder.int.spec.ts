import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { uploadFolder } from './upload-folder.ts';

let folder: string;
let server: Server;
let url: string;
/** One after the other: what becomes of each request. */
let answers: ((response: ServerResponse, request: IncomingMessage) => void)[];
let uploaded: string;
beforeEach(async () => {
  vi.stubEnv('RUSHES_API_KEY', 'x'.repeat(32));
  folder = await mkdtemp(join(tmpdir(), 'rushes-upload-spec-'));
  await writeFile(join(folder, 'chat.txt'), '[00:01] Ann: Hi\n');
  uploaded = '';
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => (uploaded += text));
    request.on('end', () => answers.shift()!(response, request));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.close();
  await rm(folder, { recursive: true });
});

const say = (status: number, body: object) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const state = (status: string) => ({ recordingId: 'r1', status, problem: null, files: [] });

it('goes on asking when the service is away for a moment', async () => {
  answers = [
    say(202, state('running')),
    (response) => response.destroy(),
    say(502, {}),
    say(200, state('running')),
    say(200, state('done')),
  ];
  expect(await uploadFolder(folder, url)).toMatchObject({ recordingId: 'r1', status: 'done' });
  expect(answers).toEqual([]);
});

it('names the recording when nobody will say what becomes of it', async () => {
  answers = [say(202, state('running')), say(403, { detail: 'no longer' })];
  await expect(uploadFolder(folder, url)).rejects.toThrow(/^r1 .*no longer$/);
});

it('uploads what links to files, and nothing else that links', async () => {
  await symlink(join(folder, 'chat.txt'), join(folder, 'chat-2.txt'));
  await symlink(tmpdir(), join(folder, 'elsewhere'));
  await symlink(join(folder, 'nowhere'), join(folder, 'lost.txt'));
  answers = [say(201, state('done'))];
  await uploadFolder(folder, url);
  expect([...uploaded.matchAll(/filename="([^"]+)"/g)].map(([, name]) => name).sort()).toEqual([
    'chat-2.txt',
    'chat.txt',
  ]);
});
