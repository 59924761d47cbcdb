import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactCopy, copyTurnover } from '../support/artifacts.js';
import { type Answer, createTestApp, type TestApp } from '../support/create-app.js';
import { aliasesIn } from '../support/model-folder.js';
import { problem } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const JSON_TYPE = { 'content-type': 'application/json' };

interface Serving {
  readonly app: TestApp;
  readonly model: string;
  readonly etag: () => Promise<string>;
  readonly setChampion: (version: string, ifMatch?: string) => Promise<Answer>;
  readonly rollback: (body?: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly answering: () => Promise<unknown>;
}

/** A server of three versions, of which the third answers. */
async function serving(third?: (copy: ArtifactCopy) => unknown): Promise<Serving> {
  const { root } = copyTurnover();
  copyTurnover({ root, version: '2' });
  const copy = copyTurnover({ root, version: '3' });
  third?.(copy);
  const app = await createTestApp({ ARTIFACTS_DIR: root });
  return {
    app,
    model: join(root, 'turnover'),
    etag: async () => String((await app.get('/models/turnover')).headers['etag']),
    setChampion: (version, ifMatch = '*') =>
      app.send(
        'PUT',
        '/models/turnover/aliases/champion',
        JSON.stringify({ version, reason: `to ${version}` }),
        { ...JSON_TYPE, 'if-match': ifMatch },
      ),
    rollback: (body, headers = {}) =>
      app.send(
        'POST',
        '/models/turnover/rollback',
        body,
        body === undefined ? headers : { ...JSON_TYPE, ...headers },
      ),
    answering: async () =>
      ((await app.post('/models/turnover/predict', TURNOVER_ROW)).body as { version: string }).version,
  };
}

describe('the champion of a model', () => {
  it('is another one when the answer comes, one that was on disk alone as well', async () => {
    const { app, setChampion, etag, answering, model } = await serving();
    const reply = await setChampion('1', await etag());

    expect(reply).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(reply.body).toEqual({ aliases: { champion: '1', previous: '3' }, revision: 1 });
    expect(await answering()).toBe('1');
    expect(await etag()).toBe('"1"');
    expect(aliasesIn(model)).toEqual({ champion: '1', previous: '3' });
    expect((await app.get('/models/turnover')).body).toMatchObject({
      version: '1',
      aliases: { champion: '1', previous: '3' },
    });
  });

  it('goes back to the one before, once, and the history tells it, newest first', async () => {
    const { app, setChampion, rollback, answering } = await serving();
    await setChampion('2');
    const back = await rollback('{"reason":"false alarms"}');

    expect(back.body).toEqual({ aliases: { champion: '3' }, revision: 2 });
    expect(await answering()).toBe('3');
    expect((await rollback()).body).toEqual(
      problem('nothing_to_roll_back', 409, {
        detail: 'model "turnover" had no other champion before; name a version as champion instead',
      }),
    );
    const time = expect.any(String) as string;
    const line = { time, alias: 'champion', who: null, gate: null };
    expect((await app.get('/models/turnover/history')).body).toEqual({
      history: [
        { ...line, from: '2', to: '3', reason: 'false alarms', rollback: true },
        { ...line, from: '3', to: '2', reason: 'to 2' },
      ],
    });
  });

  it('is changed by one of two who have seen the same', async () => {
    const { setChampion, etag, answering } = await serving();
    const seen = await etag();
    const replies = await Promise.all([setChampion('1', seen), setChampion('2', seen)]);
    const statuses = replies.map(({ status }) => status);

    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412]);
    expect(await answering()).toBe(statuses[0] === 200 ? '1' : '2');
    expect(replies.find(({ status }) => status === 412)!.body).toEqual(
      problem('revision_mismatch', 412, {
        detail:
          'model "turnover" is at revision 1, not 0: somebody was faster; read it again and decide anew',
      }),
    );
  });

  it('is seen to have been changed by hand at once', async () => {
    const { setChampion, etag, model } = await serving();
    await setChampion('2');
    const seen = await etag();
    writeFileSync(join(model, 'aliases.json'), '{"champion":"1"}');

    expect(await etag()).toBe('"2"');
    expect((await setChampion('3', seen)).status).toBe(412);
  });

  it('may be taken away, and then the model answers nobody', async () => {
    const { app } = await serving();
    const reply = await app.send('DELETE', '/models/turnover/aliases/champion', undefined, {
      'if-match': '"0"',
    });

    expect(reply).toMatchObject({
      status: 200,
      body: { aliases: {}, revision: expect.any(Number) as number },
    });
    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).body).toEqual(
      problem('model_not_ready', 503),
    );
  });
});

describe('a change that is refused', () => {
  const shared = serving((copy) => copy.damage('model.onnx'));
  const put = async (body: unknown, headers: Record<string, string>, path = 'turnover/aliases/champion') =>
    (await shared).app.send('PUT', `/models/${path}`, JSON.stringify(body), { ...JSON_TYPE, ...headers });
  const ANY = { 'if-match': '*' };

  afterEach(async () => {
    const etag = await (await shared).etag();
    if (etag !== '"0"') throw new Error(`what was refused has changed the model: its ETag is ${etag}`);
  });

  it('does not say what it was decided from: 428', async () => {
    expect((await put({ version: '1' }, {})).body).toEqual(problem('precondition_required', 428));
  });

  it('names a version that is refused: 422 with the reason', async () => {
    expect((await put({ version: '3' }, ANY)).body).toEqual(
      problem('version_refused', 422, {
        detail: expect.stringMatching(/^turnover\/3 cannot be served: model\.onnx has changed/) as string,
      }),
    );
  });

  it.each([
    ['a version that is not there', '9', 'turnover/aliases/champion', 'version_not_found'],
    ['a model that is not there', '1', 'nobody/aliases/champion', 'model_not_found'],
  ])('names %s: 404', async (_, version, path, code) => {
    expect((await put({ version }, ANY, path)).body).toEqual(problem(code, 404));
  });

  it.each([
    ['no ETag', { version: '1' }, { 'if-match': '1' }],
    ['another ETag', { version: '1' }, { 'if-match': '"abc"' }],
  ])('says %s in If-Match: 400', async (_, body, headers) => {
    expect((await put(body, headers)).body).toEqual(
      problem('bad_request', 400, { detail: expect.stringContaining('If-Match must be the ETag') as string }),
    );
  });

  it('is of an alias that cannot be one: 400', async () => {
    expect((await put({ version: '1' }, ANY, 'turnover/aliases/Champion')).body).toEqual(
      problem('bad_request', 400),
    );
  });

  it.each([
    [[], [['', 'type']]],
    [{}, [['/version', 'required']]],
    [{ version: 1 }, [['/version', 'type']]],
    [{ version: '1', reason: 7 }, [['/reason', 'type']]],
    [
      { version: '', reason: 'x'.repeat(1_001) },
      [
        ['/version', 'type'],
        ['/reason', 'too_long'],
      ],
    ],
    [{ version: '1', gate: true }, [['/gate', 'unknown_field']]],
    [{ version: '1', force: true }, [['/reason', 'required']]],
    [{ version: '1', reason: 'r', force: 1 }, [['/force', 'type']]],
  ] as const)('has a body such as %j: 400', async (body, faults) => {
    expect((await put(body, ANY)).body).toEqual(
      problem('invalid_input', 400, {
        errors: faults.map(([pointer, code]) => ({ pointer, code, detail: expect.any(String) as string })),
        error_count: faults.length,
      }),
    );
  });

  it('is a rollback with an old revision: 412', async () => {
    const { setChampion, rollback } = await serving();
    await setChampion('2');

    expect((await rollback('{}', { 'if-match': '"0"' })).body).toEqual(problem('revision_mismatch', 412));
  });
});
