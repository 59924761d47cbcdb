import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { readDocument } from '../support/documented.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MODELS = ['diabetes', 'iris', 'sentiment', 'sentiment-deep', 'turnover'];
const document = await readDocument(await createTestApp());
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

describe('what the document says of an input', () => {
  const field = (model: string, name: string): unknown =>
    (document.components.schemas[`${model}.Input`] as { properties: Record<string, unknown> }).properties[
      name
    ];

  it('is its type, unit, training range and example', () => {
    expect(field('iris', 'petal_width')).toEqual({
      type: 'number',
      minimum: 0,
      maximum: 100,
      description:
        'Width of the petal. Unit: cm. In training: 0.1 to 2.5; beyond it the answer has a warning.',
      examples: [0.2],
      'x-unit': 'cm',
      'x-training-range': { minimum: 0.1, maximum: 2.5 },
    });
  });

  it('is that a category is a text', () => {
    expect(field('turnover', 'salary')).toEqual({
      type: 'string',
      enum: ['high', 'low', 'medium'],
      description: "The employee's salary level.",
      examples: ['low'],
    });
  });
});

describe('the order of the document', () => {
  const groups = [...new Set(operations.map(({ tags = [] }) => tags[0]))];

  it('is the typed routes, those for every model, those taken over, and health', () => {
    expect(groups).toEqual([
      ...MODELS,
      'models',
      'versions',
      'training',
      'feedback',
      'watching',
      'deepaas',
      ...MODELS.map((model) => `taken-over-${model}`),
      'operation',
    ]);
    expect(document.tags.map(({ name }) => name)).toEqual(groups);
  });

  it('says whose a route was that was taken over', () => {
    for (const { name, description } of document.tags.filter((tag) => tag.name.startsWith('taken-over'))) {
      expect([name, description]).toEqual([name, expect.stringMatching(/API.*New callers:/)]);
    }
  });

  it('leaves out the routes of models that are not served', async () => {
    const root = temporaryFolder();
    cpSync(join(ARTIFACTS, 'iris'), join(root, 'mine'), { recursive: true });
    cpSync(join(ARTIFACTS, 'turnover'), join(root, 'turnover'), { recursive: true });
    const { paths, tags } = await readDocument(await createTestApp({ ARTIFACTS_DIR: root }));

    expect(
      Object.keys(paths).filter((path) => path.startsWith('/v2/models/iris') || path === '/sentiment'),
    ).toEqual([]);
    expect(Object.keys(paths)).toContain('/predict');
    expect(tags.map(({ name }) => name)).not.toContain('taken-over-iris');
  });
});

describe('ids', () => {
  it('of requests are documented at every operation and every answer', () => {
    for (const { operationId, parameters = [], responses } of operations) {
      expect([operationId, parameters.map(({ name }) => name)]).toEqual([
        operationId,
        expect.arrayContaining(['x-request-id']),
      ]);
      for (const [status, { headers = {} }] of Object.entries(responses)) {
        expect([operationId, status, Object.keys(headers)]).toEqual([
          operationId,
          status,
          expect.arrayContaining(['x-request-id']),
        ]);
      }
    }
  });
});

describe('rates', () => {
  it('are documented at every answer of what needs a key, with the refusal, and nowhere else', () => {
    for (const { operationId, security, responses } of operations) {
      const needsKey = security!.length > 0;
      expect([operationId, Object.keys(responses).includes('429')]).toEqual([operationId, needsKey]);
      for (const [status, { headers = {} }] of Object.entries(responses)) {
        const of = Object.keys(headers).filter((name) => name.startsWith('ratelimit'));
        expect([operationId, status, of]).toEqual([
          operationId,
          status,
          needsKey ? ['ratelimit-policy', 'ratelimit'] : [],
        ]);
      }
    }
  });

  it.each(['429', '503', 'default'])('may say when to call again, in the header of %s', (status) => {
    const { headers } = document.paths['/predict']!['post']!.responses[status]!;
    expect(headers).toHaveProperty('retry-after.schema', { type: 'integer', minimum: 1 });
  });
});
