import {
  type BadInput,
  badBodies,
  badInstances,
  badRows,
  exampleRow,
  type ModelSchema,
} from '../support/bad-input.js';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const LIMIT = 131_072;
const roomy = await createTestApp();
const tight = await createTestApp({ MAX_BODY_BYTES: String(LIMIT) });
const { body } = await roomy.get('/openapi.json');
const { schemas } = (body as { components: { schemas: Record<string, ModelSchema> } }).components;
const models = Object.keys(schemas).flatMap((name) => (name.endsWith('.Input') ? [name.slice(0, -6)] : []));

async function refuses(route: string, bad: BadInput, app = roomy): Promise<void> {
  const { status = 400, code = 'invalid_input', pointer, detail } = bad;
  const reply = await app.post(route, bad.body, bad.headers);
  expect(reply.status, reply.text.slice(0, 300)).toBe(status);
  expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const faults = pointer === undefined ? {} : { errors: expect.any(Array), error_count: expect.any(Number) };
  expect(reply.body).toEqual(
    problem(code, status, { ...faults, ...(detail && { detail: expect.stringMatching(detail) }) }),
  );
  if (pointer === undefined) return;
  const { errors } = reply.body as { errors: { pointer: string; code: string; detail: string }[] };
  expect(errors.map((each) => each.pointer)).toContain(pointer);
  expect(reply.text.length).toBeLessThan(20_000);
}

describe.each(models)('what %s refuses', (model) => {
  const schema = schemas[`${model}.Input`]!;
  const good = JSON.stringify(exampleRow(schema));
  const one = `/models/${model}/predict`;
  const many = `/v1/models/${model}:predict`;

  it('takes the row that all cases are made from', async () => {
    expect((await roomy.post(one, good)).status).toBe(200);
    expect((await roomy.post(many, `{"instances":[${good}]}`)).status).toBe(200);
  });

  it.each(badRows(schema))('one row: $name', (bad) => refuses(one, bad));
  it.each(badBodies(good))('any body: $name', (bad) => refuses(one, bad, tight));
  it.each(badInstances(schema))('many rows: $name', (bad) => refuses(many, bad));
  it.each(badBodies(`{"instances":[${good}]}`))('any body of many: $name', (bad) =>
    refuses(many, bad, tight),
  );
});

describe('the table', () => {
  it('has at least sixty cases for every model, and every model of the repository', async () => {
    const listed = (await roomy.get('/models')).body as { models: { name: string }[] };
    expect(models.toSorted()).toEqual(listed.models.map(({ name }) => name));
    for (const model of models) {
      const schema = schemas[`${model}.Input`]!;
      expect(badRows(schema).length + badBodies('{}').length + badInstances(schema).length).toBeGreaterThan(
        60,
      );
    }
  });

  it('leaves no record of what was refused', () => {
    expect(roomy.records()).toHaveLength(2 * models.length);
    expect(tight.records()).toEqual([]);
  });
});
