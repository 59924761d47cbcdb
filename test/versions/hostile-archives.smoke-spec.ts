import { gzipSync } from 'node:zlib';
import { copyTurnover } from '../support/artifacts.js';
import { tarOfFolder, TAR, tree } from '../support/pushed.js';
import { startServer } from '../support/server.js';
import { problem } from '../support/shapes.js';
import { type Entry, tarOf } from '../support/tar.js';

const { root } = copyTurnover();
const server = await startServer({ ARTIFACTS_DIR: root, MAX_ARTIFACT_BYTES: '4194304' });
const tampered = copyTurnover({ version: '2' });
tampered.damage('model.onnx');
const taken = copyTurnover();
taken.write('card.md', 'another');

const one = (entry: Entry): Buffer => tarOf([entry]);
const hostile: [string, number, string, Buffer][] = [
  ['a tampered file', 422, 'version_refused', await tarOfFolder(tampered.folder)],
  ['../', 422, 'invalid_archive', one({ name: '../evil', body: 'x' })],
  [
    'a symbolic link',
    422,
    'invalid_archive',
    one({ name: 'link', type: 'SymbolicLink', linkpath: '/etc/passwd' }),
  ],
  ['a hard link', 422, 'invalid_archive', one({ name: 'link', type: 'Link', linkpath: 'model.onnx' })],
  ['an absolute name', 422, 'invalid_archive', one({ name: '/etc/evil', body: 'x' })],
  ['a bomb', 413, 'archive_too_large', gzipSync(one({ name: 'zeros', body: Buffer.alloc(67_108_864) }))],
  [
    '10,000 files',
    422,
    'invalid_archive',
    gzipSync(tarOf(Array.from({ length: 10_000 }, (_, index) => ({ name: `f${index}`, body: '' })))),
  ],
  [
    'another model',
    422,
    'version_refused',
    await tarOfFolder(copyTurnover({ name: 'churn', version: '2' }).folder),
  ],
  ['a number that is taken', 409, 'version_taken', await tarOfFolder(taken.seal().folder)],
];

describe('an archive of somebody who means harm', () => {
  it.each(hostile)('leaves nothing on the disk: %s', async (_, status, code, body) => {
    const before = tree(root);
    const reply = await fetch(`${server.url}/models/turnover/versions`, {
      method: 'POST',
      headers: TAR,
      body,
    });

    expect(await reply.json()).toEqual(problem(code, status));
    expect(tree(root)).toEqual(before);
    expect((await fetch(`${server.url}/models/turnover/ready`)).status).toBe(200);
  });
});
