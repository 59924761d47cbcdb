import { ArtifactCopy, copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { prediction } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const root = temporaryFolder();
opened(copyTurnover({ root }));
opened(copyTurnover({ root, name: 'any-salary' }));
const app = await createTestApp({ ARTIFACTS_DIR: root });

/** Any salary is taken: one that the tables do not have gives 0 in every column. */
function opened(copy: ArtifactCopy): ArtifactCopy {
  return copy.editManifest((manifest) => {
    const { encoding } = manifest;
    if (!('columns' in encoding)) throw new TypeError('turnover is tabular');
    manifest.inputs = manifest.inputs.map((input) =>
      input.name === 'salary' ? { ...input, open: true, maximum_length: 100 } : input,
    );
    manifest.encoding = {
      ...encoding,
      columns: encoding.columns.map((column) =>
        column.input === 'salary' ? { ...column, unknown: 0 } : column,
      ),
    };
  });
}

describe('a word that did not occur in training', () => {
  it('is answered with a warning where the model takes any', async () => {
    const reply = await app.post('/models/any-salary/predict', { ...TURNOVER_ROW, salary: 'huge' });

    expect(reply.body).toEqual({
      ...prediction('any-salary', ['stays', 'leaves']),
      warnings: [
        {
          pointer: '/salary',
          code: 'outside_training_range',
          detail: '"huge" did not occur in training',
        },
      ],
    });
    expect(reply.status).toBe(200);
  });

  it('is refused where the DTO lists the words', async () => {
    const reply = await app.post('/models/turnover/predict', { ...TURNOVER_ROW, salary: 'huge' });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      errors: [
        {
          pointer: '/salary',
          code: 'category',
          detail: 'must be one of "high", "low", "medium"; got "huge"',
        },
      ],
    });
  });

  it('is documented as one that is taken', async () => {
    const { components } = (await app.get('/openapi.json')).body as {
      components: { schemas: Record<string, { properties: Record<string, object> }> };
    };

    expect(components.schemas['any-salary.Input']?.properties['salary']).toMatchObject({
      type: 'string',
      maxLength: 100,
      description: expect.stringContaining('Any value; known: "high", "low", "medium".') as string,
    });
  });
});
