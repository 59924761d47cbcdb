import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../src/observability/ids.js';
import { createTestApp } from '../support/create-app.js';
import { nestor } from '../support/nestor.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const IRIS = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

const app = await createTestApp();
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };
const to = ['--to', `http://127.0.0.1:${port}`];
const folder = temporaryFolder();

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

it('nestor feedback sends a table or lines of JSON, and names the lines that are rejected', async () => {
  const { body } = await app.post('/v1/models/iris:predict', { instances: [IRIS, IRIS, IRIS] });
  const [first, second, third] = (body as { predictions: { prediction_id: string }[] }).predictions.map(
    (each) => each.prediction_id,
  );
  const whole = file('labels.csv', `prediction_id,value\r\n${first},0\r\n${second},1\r\n`);
  const send = (path: string): ReturnType<typeof nestor> => nestor('feedback', path, ...to);

  expect(await send(whole)).toEqual({
    code: 0,
    stdout: '2 accepted, 0 replaced, 0 unchanged, 0 rejected\n',
    stderr: '',
  });
  const unknown = newId();
  const lines = `{"prediction_id":"${first}","value":2}\n\n{"prediction_id":"${third}","value":9}\n{"prediction_id":\n{"prediction_id":"${unknown}","value":1}\n{"prediction_id":"${second}","value":1}\n`;
  expect(await send(file('labels.ndjson', lines))).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'nestor: 0 accepted, 1 replaced, 1 unchanged, 3 rejected\n' +
      'line 4: malformed_pair: it must have prediction_id and value, and no other\n' +
      'line 3: not_a_class: must be one of 0, 1, 2; got 9\n' +
      'line 5: unknown_id: no record here has this prediction_id\n',
  });
  const rows = Array.from({ length: 10_000 }, () => `${first},2\n`);
  const many = file('many.csv', `prediction_id,value\n${rows.join('')}${first},0\n`);
  expect(await send(many)).toMatchObject({
    code: 0,
    stdout: '0 accepted, 1 replaced, 10000 unchanged, 0 rejected\n',
  });
}, 60_000);

it('nestor feedback says why a file is none, and why a server takes nothing', async () => {
  const other = file('other.csv', 'id,label\n');
  expect(await nestor('feedback', other, ...to)).toEqual({
    code: 2,
    stdout: '',
    stderr: `nestor: ${other}: the first line must name the columns: prediction_id,value\n`,
  });
  const missing = join(folder, 'none.csv');
  expect(await nestor('feedback', missing, ...to)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`${missing} cannot be read: ENOENT`) as string,
  });
  const some = file('some.csv', `prediction_id,value\n${newId()},1\n`);
  expect(await nestor('feedback', some, '--to', 'http://127.0.0.1:1')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /cannot be reached.*\nuntil then: 0 accepted, 0 replaced, 0 unchanged, 0 rejected; send the file again\n$/,
    ) as string,
  });
});
