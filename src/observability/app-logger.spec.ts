import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testSettings } from '../../test/support/create-app.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { withoutRoot } from '../../test/support/without-root.js';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { AppLogger } from './app-logger.js';

const open = (folder: string): AppLogger =>
  new AppLogger(AppConfig.from(testSettings({ LOG_DIR: folder, LOG_LEVEL: 'info' })));
const fault = (folder: string, why: string): StartupFault =>
  new StartupFault([
    {
      what: `LOG_DIR (${folder}) cannot be written: ${why}`,
      mend: 'set LOG_DIR to a folder that the process may write to',
    },
  ]);

describe('the folder of the application log', () => {
  it('is made, and holds the log alone', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    const logger = open(folder);
    logger.info('hello');
    await logger.onApplicationShutdown();

    expect(readdirSync(folder)).toEqual(['nestor.log']);
    expect(readFileSync(join(folder, 'nestor.log'), 'utf8')).toContain('hello');
  });

  it('may not be a file', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');

    expect(() => open(path)).toThrow(/LOG_DIR \(.+\) cannot be written: ENOTDIR: not a directory/);
  });

  it('must be one that the process may make', () => {
    const parent = temporaryFolder();
    chmodSync(parent, 0o555);
    const folder = join(parent, 'log');

    expect(() => withoutRoot(() => open(folder))).toThrow(
      fault(folder, `EACCES: permission denied, mkdir '${folder}'`),
    );
  });

  it('must be one that the process may write to', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);

    expect(() => withoutRoot(() => open(folder))).toThrow(
      fault(folder, `EACCES: permission denied, open '${folder}/.probe-${process.pid}'`),
    );
  });

  it('must have a log that the process may write to', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'nestor.log'));

    expect(() => open(folder)).toThrow(
      fault(folder, `EISDIR: illegal operation on a directory, open '${folder}/nestor.log'`),
    );
  });
});

it('listens to the console once, however many logs a process has', async () => {
  const before = process.stdout.listenerCount('error');
  const loggers = [open(temporaryFolder()), open(temporaryFolder())];

  expect(process.stdout.listenerCount('error')).toBe(before);
  await Promise.all(loggers.map((logger) => logger.onApplicationShutdown()));
});
