import { Trainables } from '../../src/training/trainables.js';
import { createTestApp } from '../support/create-app.js';

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly default?: unknown;
  readonly required: boolean;
  readonly [keyword: string]: unknown;
}
interface Swagger {
  readonly paths: Readonly<
    Record<string, { readonly post?: { readonly parameters: Parameter[]; readonly produces: string[] } }>
  >;
  readonly definitions: Readonly<Record<string, { readonly properties: object }>>;
}

const app = await createTestApp();
const ARGUMENTS = {
  type: 'object',
  required: ['sleep'],
  additionalProperties: false,
  properties: {
    sleep: { type: 'integer', minimum: 0, maximum: 9, description: 'How long' },
    kernel: { enum: ['rbf', 'linear'], default: 'rbf' },
    note: { type: ['string', 'null'], default: null },
  },
};
await app.app.get(Trainables).declare('a', { iris: ARGUMENTS, wine: ARGUMENTS });
const swagger = async (): Promise<Swagger> => (await app.get('/swagger.json')).body as Swagger;
const predictable = async (): Promise<[string, Parameter[]][]> =>
  Object.entries((await swagger()).paths)
    .filter(([path]) => path.endsWith('predict/'))
    .map(([path, { post }]) => [path, post!.parameters]);

describe('the Swagger 2.0 document', () => {
  it('has the paths of every model, and the definitions that clients read', async () => {
    const { paths, definitions, ...more } = await swagger();

    expect(more).toMatchObject({ swagger: '2.0', basePath: '/', info: {}, externalDocs: {} });
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/',
        '/v2/',
        '/v2/models/',
        '/v2/debug/',
        '/v2/models/iris-deepaas/',
        '/v2/models/iris-deepaas/predict/',
        '/v2/models/iris-deepaas/train/',
        '/v2/models/iris-deepaas/train/{uuid}',
        '/v2/models/wine/train/',
      ]),
    );
    expect(Object.keys(paths)).not.toContain('/v2/models/wine/predict/');
    expect(Object.keys(definitions)).toEqual(
      expect.arrayContaining(['Failure', 'Location', 'Version', 'ModelMeta', 'Training', 'TrainingList']),
    );
    expect(Object.keys(definitions['ModelPredictionResponse']!.properties)).toEqual([
      'status',
      'predictions',
    ]);
  });

  it('says of an input and of an argument what they may be', async () => {
    const { paths } = await swagger();
    const of = (path: string): Parameter[] => paths[path]!.post!.parameters;

    expect(of('/v2/models/turnover/predict/').at(-1)).toEqual({
      name: 'salary',
      in: 'query',
      required: true,
      type: 'string',
      description: "The employee's salary level.",
      enum: ['high', 'low', 'medium'],
      default: 'low',
    });
    expect(of('/v2/models/iris-deepaas/predict/')).toMatchObject([
      { name: 'data', type: 'array', required: true, collectionFormat: 'multi', minItems: 4 },
    ]);
    expect(of('/v2/models/wine/train/')).toEqual([
      {
        name: 'sleep',
        in: 'query',
        required: true,
        type: 'integer',
        description: 'How long',
        minimum: 0,
        maximum: 9,
      },
      {
        name: 'kernel',
        in: 'query',
        required: false,
        type: 'string',
        enum: ['rbf', 'linear'],
        default: 'rbf',
      },
      { name: 'note', in: 'query', required: false, type: 'string' },
    ]);
  });

  it('is enough for a client that builds its calls from it', async () => {
    const types = new Set(['integer', 'number', 'boolean', 'string', 'array']);
    for (const [path, parameters] of await predictable()) {
      for (const { type } of parameters) expect(types).toContain(type);
      const query = new URLSearchParams({ accept: 'application/json' });
      for (const each of parameters)
        for (const value of each.type === 'array' ? [5.1, 3.5, 1.4, 0.2] : [each.default])
          query.append(each.name, String(value));
      // DEEPaaS's own page takes the slash off the end, and puts two before the path of a model.
      const asked = await app.send('POST', `${path.replace(/\/$/, '')}?${query.toString()}`);
      expect([path, asked.status, asked.text]).toEqual([path, 200, expect.stringContaining('"status":"OK"')]);
      const doubled = await app.get(`//${path.replace('predict/', '')}`);
      const meta = await app.get(String(doubled.headers['location']));
      expect(meta).toMatchObject({ status: 200, body: { name: path.split('/')[3] } });
    }
    expect(await predictable()).toHaveLength(6);
  });

  it('is shown by a page, where earlier and later clients look for it', async () => {
    expect((await app.get('/ui')).text).toContain('<div id="swagger-ui">');
    expect((await app.get('/ui/start.js')).text).toContain("fetch('swagger.json')");
    const { status, headers } = await app.get('/api');
    expect([status, headers['location']]).toEqual([302, './ui']);
  });
});
