import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { digestOfKey, looksLikeKey } from '../access/api-key.js';
import { type KeyEntry, readKeysFile } from '../access/keys-file.js';
import type { KeyOptions } from './key-options.js';
import { runKey } from './keys.js';

const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
beforeEach(() => {
  said.mockClear();
  told.mockClear();
});
afterAll(() => {
  said.mockRestore();
  told.mockRestore();
});
const textOf = (spy: typeof said): string => spy.mock.calls.map(([text]) => String(text)).join('');

const newFile = (): string => join(temporaryFolder(), 'keys.json');
const CREATE = { name: 'web shop', scopes: 'predict' };

/** Makes a key, which is returned. */
async function create(options: KeyOptions): Promise<string> {
  said.mockClear();
  expect(await runKey('create', [], { ...CREATE, ...options })).toBe(true);
  return textOf(said).trimEnd();
}

const failing = (task: string, ids: string[], options: KeyOptions): Promise<unknown> =>
  runKey(task, ids, options).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('nestor key create', () => {
  it('makes a file for its owner alone, adds what was asked for, and prints the key alone', async () => {
    const file = newFile();
    const key = await create({
      file,
      scopes: 'predict, feedback,predict',
      models: 'iris,turnover',
      rate: '100',
      burst: '2500',
      expires: '2999-01-31T00:00:00+01:00',
    });

    expect(looksLikeKey(key)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readKeysFile(file)).toEqual([
      {
        id: key.split('_')[1],
        name: 'web shop',
        sha256: digestOfKey(key),
        scopes: ['predict', 'feedback'],
        models: ['iris', 'turnover'],
        rate: 100,
        burst: 2500,
        expires: '2999-01-31T00:00:00+01:00',
      },
    ]);
    expect(textOf(told)).toContain(`AUTH=required and API_KEYS_FILE=${file}`);
    expect(textOf(told) + readFileSync(file, 'utf8')).not.toContain(key);
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('gives a name as many keys as are asked for, keeps the mode, and leaves a link where it is', async () => {
    const file = newFile();
    await create({ file });
    chmodSync(file, 0o640);
    const link = newFile();
    symlinkSync(file, link);
    await create({ file: link });

    expect(readKeysFile(link).map(({ name }) => name)).toEqual(['web shop', 'web shop']);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it('loses no key where many are made at once', async () => {
    const file = newFile();
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => runKey('create', [], { ...CREATE, file, name: `${index}` })),
    );
    const ids = readKeysFile(file).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([12, 12]);
  });

  it.each<[KeyOptions, string]>([
    [{ name: '' }, '--name must say whose key it is'],
    [{ name: 'two\nlines' }, '--name must say whose key it is'],
    [{ scopes: undefined! }, '--scopes must say what the key is good for: predict, feedback, train, '],
    [{ scopes: 'predict,write' }, '--scopes: "write" is no scope; they are predict, '],
    [{ scopes: '' }, '--scopes must be a list'],
    [{ models: 'Iris' }, '--models: "Iris" is no name of a model'],
    [{ rate: '0' }, '--rate must be a number of rows from 1'],
    [{ rate: 'many' }, '--rate must be a number of rows from 1'],
    [{ burst: '5' }, '--burst needs a --rate'],
    [{ expires: '2020-01-01T00:00:00Z' }, '--expires 2020-01-01T00:00:00Z must be a time to come'],
    [{ expires: 'tomorrow' }, '--expires tomorrow must be a time to come, such as 2027-01-31T00:00:00Z'],
  ])('is called wrongly with %j', async (options, message) => {
    const file = newFile();
    expect(await failing('create', [], { ...CREATE, file, ...options })).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as string,
    });
    expect(existsSync(file)).toBe(false);
  });

  it('leaves a file that it cannot take as it is', async () => {
    const file = newFile();
    writeFileSync(file, '{"keys": 1}', { mode: 0o600 });
    expect(await failing('create', [], { ...CREATE, file })).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('is no file of keys') as string,
    });
    expect(readFileSync(file, 'utf8')).toBe('{"keys": 1}');
    const away = join(temporaryFolder(), 'none', 'keys.json');
    expect(await failing('create', [], { ...CREATE, file: away })).toMatchObject({
      message: expect.stringContaining('key create changed nothing: ENOENT') as string,
    });
  });
});

describe('nestor key list and revoke', () => {
  const OLD: KeyEntry = {
    id: 'aaaa1111',
    name: 'old',
    sha256: '0'.repeat(64),
    scopes: ['predict', 'audit'],
    models: ['iris'],
    rate: 5,
    expires: '2020-01-01T00:00:00Z',
  };
  const NEW: KeyEntry = { id: 'bbbb2222', name: 'new', sha256: '1'.repeat(64), scopes: ['admin'] };
  let file: string;
  beforeEach(() => {
    file = newFile();
    writeFileSync(file, JSON.stringify({ keys: [OLD, NEW] }), { mode: 0o600 });
  });

  it('say what each key is good for, but no digest', async () => {
    await runKey('list', [], { file });
    expect(textOf(said)).toBe(
      'aaaa1111  old  predict,audit  models iris  5 rows/s, at most 10 at once  expired 2020-01-01T00:00:00Z\n' +
        'bbbb2222  new  admin  all models\n',
    );
    said.mockClear();
    await runKey('list', [], { file, json: true });
    const [shown] = (JSON.parse(textOf(said)) as { keys: unknown[] }).keys;
    expect(shown).toStrictEqual(JSON.parse(JSON.stringify({ ...OLD, sha256: undefined })));
  });

  it('take out the key that is named, and no other', async () => {
    await runKey('revoke', ['aaaa1111'], { file });
    expect(readKeysFile(file)).toEqual([NEW]);
    expect(textOf(said)).toBe('key aaaa1111 of old is revoked: servers refuse it within 5 seconds\n');
  });

  it('name a key or a file that is not there', async () => {
    expect(await failing('revoke', ['cccc3333'], { file })).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('has no key cccc3333') as string,
    });
    const missing = newFile();
    for (const [task, ids] of [
      ['list', []],
      ['revoke', ['aaaa1111']],
    ] as [string, string[]][]) {
      expect(await failing(task, ids, { file: missing })).toMatchObject({
        exitCode: 1,
        message: expect.stringContaining('npx nestor key create') as string,
      });
    }
    expect(existsSync(missing)).toBe(false);
  });

  it('are no other commands', async () => {
    expect(await runKey('make', [], { file })).toBe(false);
    expect(await runKey('revoke', [], { file })).toBe(false);
    expect(await runKey('list', ['aaaa1111'], { file })).toBe(false);
  });
});
