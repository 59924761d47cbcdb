import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { StartupFault } from '../errors/startup-fault.js';
import { readEnvFile } from './env-file.js';

const folder = temporaryFolder();
const path = join(folder, '.env');

function written(content: string | Buffer): string {
  writeFileSync(path, content);
  return path;
}

/** What is wrong and how to mend it, without the folder that only this test has. */
function faults(file: string): string[] {
  try {
    readEnvFile(file);
  } catch (error) {
    if (error instanceof StartupFault)
      return error.faults.map(({ what, mend }) => `${what.replaceAll(`${folder}/`, '')} | ${mend}`);
    throw error;
  }
  return [];
}

describe(readEnvFile.name, () => {
  it('reads settings, comments and quotes', () => {
    const text = '# a comment\n\nPORT=80\r\n  export LOG_LEVEL = "warn" # why\nLOG_DIR=\n';

    expect(readEnvFile(written(text))).toEqual({ PORT: '80', LOG_LEVEL: 'warn', LOG_DIR: '' });
  });

  it('has no settings where there is no file', () => {
    expect(readEnvFile(join(folder, 'none'))).toEqual({});
  });

  it('takes off a byte order mark', () => {
    expect(readEnvFile(written('\uFEFFPORT=80\n'))).toEqual({ PORT: '80' });
  });

  it('names each line that would have no effect, without what may be a secret', () => {
    expect(faults(written('PORT: 80\nLOG_LEVEL=info\nset PORT=80\nsecret words\nLOG_DIR\n'))).toEqual([
      'line 1 of .env is no setting | write PORT=value, or # before it if it is a comment',
      'line 3 of .env is no setting | write KEY=value, or # before it if it is a comment',
      'line 4 of .env is no setting | write KEY=value, or # before it if it is a comment',
      'line 5 of .env is no setting | write LOG_DIR=value, or # before it if it is a comment',
    ]);
  });

  it('says what a folder of that name is', () => {
    mkdirSync(join(folder, 'as', '.env'), { recursive: true });

    expect(faults(join(folder, 'as', '.env'))).toEqual([
      'as/.env is a folder | remove the folder, and put the settings into a file of that name',
    ]);
  });

  it.each([
    ['Latin-1', Buffer.from('LOG_DIR=/caf\xe9\n', 'latin1')],
    ['UTF-16 with a byte order mark', Buffer.from('\uFEFFPORT=80\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('PORT=80\n', 'utf16le')],
  ])('says that %s is not UTF-8', (_, bytes) => {
    expect(faults(written(bytes))).toEqual(['.env is not UTF-8 | save it as UTF-8']);
  });

  it('says why a file cannot be read', () => {
    written('');

    expect(faults(join(path, '.env'))).toEqual([
      expect.stringMatching(/^\.env\/\.env cannot be read: ENOTDIR.+ \| let the process read that file/),
    ]);
  });
});
