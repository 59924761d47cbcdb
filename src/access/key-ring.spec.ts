import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { newKey } from './api-key.js';
import { KeyRing } from './key-ring.js';
import type { KeyEntry } from './keys-file.js';

type Wanted = Partial<KeyEntry>;

const path = join(temporaryFolder(), 'keys.json');
const told: string[] = [];
const logger = {
  info: (message: string) => void told.push(message),
  warn: (message: string) => void told.push(message),
};

/** Puts a file of these keys in its place, as one whole. */
function write(content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
function fileOf(...wanted: Wanted[]): string[] {
  const made = wanted.map((more) => ({ ...newKey(), more }));
  const keys = made.map(({ id, sha256, more }) => ({ id, name: id, sha256, scopes: ['predict'], ...more }));
  write(JSON.stringify({ keys }));
  return made.map(({ key }) => key);
}
function ring(): KeyRing {
  const made = new KeyRing(path, logger);
  onTestFinished(() => made.close());
  return made;
}

describe('a ring of keys', () => {
  it('knows whose key it is, and what it is good for', () => {
    const [plain, whole] = fileOf(
      {},
      { id: 'abcd1234', scopes: ['train', 'audit'], models: ['iris'], rate: 5 },
    );
    const keys = ring();
    expect(keys.size).toBe(2);
    expect(keys.find(plain!)).toMatchObject({
      principal: plain!.slice(4, 12),
      scopes: new Set(['predict']),
      models: undefined,
      rate: undefined,
    });
    expect(keys.find(whole!)).toEqual({
      principal: 'abcd1234',
      scopes: new Set(['train', 'audit']),
      models: new Set(['iris']),
      rate: { rowsPerSecond: 5, burst: 10 },
    });
    expect(keys.find(newKey().key)).toBeUndefined();
    expect(keys.find('')).toBeUndefined();
  });

  it('forgets a key when it has expired', () => {
    vi.useFakeTimers({ now: Date.UTC(2027, 0, 30), toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const [key] = fileOf({ expires: '2027-01-31T00:00:00Z' });
    const keys = ring();
    expect(keys.find(key!)).toBeDefined();
    vi.setSystemTime(Date.UTC(2027, 0, 31) - 1);
    expect(keys.find(key!)).toBeDefined();
    vi.setSystemTime(Date.UTC(2027, 0, 31));
    expect(keys.find(key!)).toBeUndefined();
  });

  it(
    'follows its file within 5 s, and keeps what it had while that cannot be taken',
    { timeout: 30_000 },
    async () => {
      const [first] = fileOf({});
      const keys = ring();
      const [second] = fileOf({});
      const within = { timeout: 5_000, interval: 50 };
      await vi.waitFor(() => expect(keys.find(second!)).toBeDefined(), within);
      expect(keys.find(first!)).toBeUndefined();
      expect(told.splice(0)).toEqual(['keys read']);

      write('{"keys": [');
      await vi.waitFor(() => expect(told.splice(0)).toHaveLength(1), within);
      expect(keys.find(second!)).toBeDefined();
      rmSync(path);
      await vi.waitFor(() => expect(told.splice(0)).toHaveLength(1), within);
      expect(keys.find(second!)).toBeDefined();
      const [third] = fileOf({});
      await vi.waitFor(() => expect(keys.find(third!)).toBeDefined(), within);
      expect(keys.find(second!)).toBeUndefined();
    },
  );
});
