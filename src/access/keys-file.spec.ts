import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupFault } from '../errors/startup-fault.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { newKey } from './api-key.js';
import { readKeysFile } from './keys-file.js';

function fileOf(content: unknown, mode = 0o600): string {
  const path = join(temporaryFolder(), 'keys.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}
function entry(more: object = {}): object {
  const { id, sha256 } = newKey();
  return { id, name: 'shop', sha256, scopes: ['predict'], ...more };
}

/** What the operator reads: what is wrong, and how to mend it. */
function faultOf(path: string): { what: string; mend: string } {
  try {
    readKeysFile(path);
  } catch (error) {
    if (error instanceof StartupFault) return error.faults[0]!;
    throw error;
  }
  throw new Error('the file was taken');
}

describe('a file of keys', () => {
  it('has keys with all that can be said of one', () => {
    const whole = entry({
      models: ['iris'],
      rate: 100,
      burst: 500,
      expires: '2027-01-31T00:00:00Z',
      scopes: ['predict', 'feedback'],
    });
    expect(readKeysFile(fileOf({ keys: [whole, entry({ models: [] })] }))).toMatchObject([
      whole,
      { models: [] },
    ]);
    expect(readKeysFile(fileOf({ keys: [] }))).toEqual([]);
  });

  it.each([0o400, 0o440, 0o600, 0o640])('may have the mode %o', (mode) => {
    expect(readKeysFile(fileOf({ keys: [entry()] }, mode))).toHaveLength(1);
  });

  it.each([0o604, 0o644, 0o620, 0o660, 0o602, 0o601, 0o666])('may not have the mode %o', (mode) => {
    const { what, mend } = faultOf(fileOf({ keys: [entry()] }, mode));
    expect(what).toMatch(new RegExp(`^API_KEYS_FILE .* \\(mode ${mode.toString(8)}\\)$`));
    expect(mend).toMatch(/^run chmod 600 .*defaultMode 0440$/);
  });

  it('that is not there says how it is made', () => {
    const { what, mend } = faultOf(join(temporaryFolder(), 'none.json'));
    expect(what).toContain('cannot be read: ENOENT');
    expect(mend).toContain('nestor key create');
  });

  it.each([
    ['no object', [], 'must be a JSON object'],
    ['a list that is missing', {}, '/keys'],
    ['an id with an underscore', { keys: [entry({ id: 'shop_key' })] }, '/keys/0/id'],
    ['a digest that is none', { keys: [entry({ sha256: 'ABC' })] }, '/keys/0/sha256'],
    ['a scope that there is not', { keys: [entry({ scopes: ['predict', 'root'] })] }, '/keys/0/scopes/1'],
    ['no scope', { keys: [entry({ scopes: [] })] }, '/keys/0/scopes'],
    ['a rate of nothing', { keys: [entry({ rate: 0 })] }, '/keys/0/rate'],
    ['a time that is none', { keys: [entry({ expires: 'tomorrow' })] }, '/keys/0/expires'],
    ['a field that there is not', { keys: [entry({ expire: '2027-01-31T00:00:00Z' })] }, '/keys/0/expire'],
    [
      'an id twice',
      { keys: [entry({ id: 'aaaaaaaa' }), entry({ id: 'aaaaaaaa' })] },
      '/keys/1/id: stands twice',
    ],
  ])('is refused with %s', (_, content, named) => {
    const { what, mend } = faultOf(fileOf(content));
    expect(what).toContain(named);
    expect(mend).toContain('nestor key create');
  });

  it('that is no JSON is not quoted: a key may stand in it', () => {
    const { key } = newKey();
    const { what } = faultOf(fileOf(`{"keys": ${key}`));
    expect(what).toContain('it is no JSON');
    expect(what).not.toContain(key.slice(0, 8));
  });
});
