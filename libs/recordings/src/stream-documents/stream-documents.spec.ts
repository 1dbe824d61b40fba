import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '../recordings.module.ts';
import { streamDocuments } from './stream-documents.ts';

let app: TestApplication;
beforeAll(async () => {
  app = await startTestApplication([RecordingsModule]);
}, 60_000);
afterAll(() => app.close());

describe('the description of the event stream', () => {
  it('is served to anybody', async () => {
    const response = await fetch(`${app.url}/asyncapi.json`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(streamDocuments.asyncApi);
  });

  it('has every schema under the address that the list gives', async () => {
    const { schemas } = (await (await fetch(`${app.url}/v1/schemas`)).json()) as {
      schemas: { name: string; url: string }[];
    };
    expect(schemas.map(({ name }) => name)).toEqual([...streamDocuments.schemas.keys()].sort());
    const { url } = schemas.find(({ name }) => name === 'rushes.chat.message-sent.v1')!;
    const response = await fetch(app.url + new URL(url).pathname);
    expect(response.headers.get('content-type')).toContain('application/schema+json');
    expect(await response.json()).toEqual(streamDocuments.schemas.get('rushes.chat.message-sent.v1'));
  });

  it('says where to look when there is no such schema', async () => {
    const response = await fetch(`${app.url}/v1/schemas/rushes.chat.shouted.v1.json`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('/v1/schemas lists them') as string,
    });
  });
});
