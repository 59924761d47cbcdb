import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp, type Answer } from '../support/create-app.js';
import { FORM, multipart } from '../support/forms.js';
import { Trainables } from '../../src/training/trainables.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SLEEP = {
  type: 'object',
  required: ['sleep'],
  additionalProperties: false,
  properties: {
    sleep: { type: 'integer', minimum: 0 },
    rate: { type: 'number' },
    exact: { type: 'boolean' },
    kernel: { enum: ['rbf', 'linear'] },
    note: { type: ['string', 'null'] },
  },
};
const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/;
const TRAIN = '/v2/models/iris-deepaas/train/';

interface Training {
  readonly uuid: string;
  readonly date: string;
  readonly [field: string]: unknown;
}

/** A server of iris alone, for which a runner has said what trainings of iris and wine take. */
const root = temporaryFolder();
cpSync(join(ARTIFACTS, 'iris'), join(root, 'iris'), { recursive: true });
const app = await createTestApp({ ARTIFACTS_DIR: root });
await app.app.get(Trainables).declare('a', { iris: SLEEP, wine: SLEEP });

const trained = async (): Promise<Training> => (await app.send('POST', `${TRAIN}?sleep=0`)).body as Training;
const listed = async (): Promise<Training[]> => (await app.get(TRAIN)).body as Training[];
const idOf = ({ uuid }: Training): string => uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

describe('a training', () => {
  it('that is cancelled says so at once, and its job when its runner has ended it', async () => {
    const training = await trained();
    await app.post('/runners/claim', { runner: 'a', models: { iris: SLEEP } });
    for (const method of ['DELETE', 'DELETE', 'GET'])
      expect(await app.send(method, TRAIN + training.uuid)).toMatchObject({
        status: 200,
        body: { ...training, status: 'cancelled' },
      });

    expect(await listed()).toEqual([{ ...training, status: 'cancelled' }]);
    expect((await app.get(`/jobs/${idOf(training)}`)).body).toMatchObject({
      state: 'running',
      cancelled: true,
    });
  });

  it('is the same job under both doors', async () => {
    const reply = await app.send('POST', `${TRAIN}?sleep=0`);
    const training = reply.body as Training;

    expect(reply).toMatchObject({ status: 200, headers: { location: `./${training.uuid}` } });
    expect(training).toEqual({
      date: expect.stringMatching(DATE),
      args: { sleep: 0 },
      uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
      status: 'running',
    });
    expect((await app.get(`/jobs/${idOf(training)}`)).body).toMatchObject({
      model: 'iris',
      state: 'queued',
      arguments: { sleep: 0 },
    });
    const { body } = await app.post('/models/iris/train', { arguments: { sleep: 3 } });
    const uuid = (body as { id: string }).id.replaceAll('-', '');
    expect((await app.get(`/v2/models/iris/train/${uuid}`)).body).toMatchObject({ args: { sleep: 3 } });
    expect((await listed()).slice(-2).map((each) => each.uuid)).toEqual([training.uuid, uuid]);
  });
});

describe('the arguments of a training', () => {
  const BODIES: [string, string, string | Buffer][] = [
    ['JSON', 'application/json', '{"sleep":"2","rate":"1e-3","exact":"on","kernel":"linear","stray":1}'],
    ['an urlencoded form', FORM, 'sleep=2&rate=1e-3&exact=on&kernel=linear&stray=1'],
    [
      'a multipart form',
      ...multipart({ sleep: '2', rate: '1e-3', exact: 'on', kernel: 'linear', stray: '1' }),
    ],
  ];

  it.each(BODIES)('come from %s, in their types; strays are passed over', async (_, type, body) => {
    const reply = await app.send('POST', TRAIN, body, { 'content-type': type });

    expect(reply).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect((reply.body as Training)['args']).toEqual({
      sleep: 2,
      rate: 0.001,
      exact: true,
      kernel: 'linear',
    });
  });

  it('of the query count before those of the body', async () => {
    const reply = await app.post(`${TRAIN}?sleep=5`, { sleep: 1, note: null });

    expect(reply.body).toMatchObject({ args: { sleep: 5, note: null } });
  });

  it('are refused one by one in a flat document', async () => {
    const query = '?sleep=soon&rate=x&exact=maybe&kernel=cubic';
    const reply = await app.send('POST', TRAIN + query);

    expect(reply.text).toBe(
      '{"sleep":["Not a valid integer."],"rate":["Not a valid number."],"exact":["Not a valid boolean."],' +
        '"kernel":["Must be one of: rbf, linear."]}',
    );
    expect([reply.status, reply.headers['content-type']]).toEqual([422, 'application/json']);
    const refused = async (body: unknown): Promise<Answer> => app.post(TRAIN, body);
    expect(await refused({})).toMatchObject({
      status: 422,
      body: { sleep: ['Missing data for required field.'] },
    });
    expect(await refused({ sleep: -1 })).toMatchObject({
      status: 422,
      body: { sleep: ['Must be greater than or equal to 0.'] },
    });
    for (const body of ['{"', '[1]'])
      expect(await refused(body)).toMatchObject({ status: 400, body: { json: ['Invalid JSON body.'] } });
    const xml = await app.send('POST', TRAIN, '<a/>', { 'content-type': 'text/xml' });
    expect(xml).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect((await refused({ note: 'x'.repeat(70_000) })).status).toBe(413);
  });

  it('may be none', async () => {
    expect((await app.send('POST', '/v2/models/wine/train')).status).toBe(422);
    expect((await app.send('POST', '/v2/models/wine/train?sleep=1')).body).toMatchObject({
      args: { sleep: 1 },
    });
    expect((await app.get('/v2/models/wine/train/')).body).toHaveLength(1);
  });
});

describe('who may not, or asks for what is not there', () => {
  it('is refused as under /jobs', async () => {
    const { uuid } = await trained();
    const page = { origin: 'https://page.example' };
    for (const [method, path] of [
      ['POST', TRAIN],
      ['GET', TRAIN],
      ['GET', TRAIN + uuid],
      ['DELETE', TRAIN + uuid],
    ] as const)
      expect(await app.send(method, path, undefined, page)).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    for (const path of [`${TRAIN}nobody`, `/v2/models/wine/train/${uuid}`, `${TRAIN}${uuid}/`])
      expect((await app.get(path)).status, path).toBe(404);
    expect((await app.send('DELETE', `/v2/models/wine/train/${uuid}`)).status).toBe(404);
    expect(await app.send('POST', '/v2/models/nobody/train/')).toMatchObject({
      status: 404,
      body: { code: 'model_not_found' },
    });
  });
});
