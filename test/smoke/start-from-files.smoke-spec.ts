import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ROOT = join(import.meta.dirname, '../..');

/** Loaded before the server: tells at its end how many files it has imported, and where it looked for compiled code. */
const COUNTING = `
import module from 'node:module';
import { isMainThread } from 'node:worker_threads';
let files = 0;
module.registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files++;
    return next(url, context);
  },
});
if (isMainThread) process.on('exit', () => console.log('counted', JSON.stringify({ files, cache: module.getCompileCacheDir() })));
`;

describe('a start', () => {
  it('imports few files, and uses what the build has compiled', async () => {
    const probe = join(temporaryFolder(), 'counting.mjs');
    writeFileSync(probe, COUNTING);
    const server = await startServer({}, { nodeOptions: ['--import', pathToFileURL(probe).href] });
    await server.stop();

    const [, counted = ''] = /^counted (.+)$/m.exec(server.stdout) ?? [];
    const { files, cache } = JSON.parse(counted) as { files: number; cache: string };
    expect(files).toBeGreaterThan(5);
    expect(files).toBeLessThan(100);
    expect(cache.startsWith(join(ROOT, 'dist/compile-cache/'))).toBe(true);
  });

  it('keeps a call that is made to see whether it throws, which the bundler leaves out unless told otherwise', async () => {
    const server = await startServer();

    const reply = await fetch(`${server.url}/?query=%zz`);
    expect(await reply.json()).toMatchObject({ status: 400, errors: [{ code: 'percent_encoding' }] });
  });

  it('does without compiled code where its folder cannot be used', async () => {
    const folder = temporaryFolder();
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    rmSync(join(folder, 'dist/compile-cache'), { recursive: true });
    writeFileSync(join(folder, 'dist/compile-cache'), 'no folder');
    const server = await startServer({}, { main: join(folder, 'dist/main.js') });

    const reply = await server.post('/predict', TURNOVER_ROW);
    expect(reply.status).toBe(200);
  });

  it('builds only what is older than its sources', () => {
    const folder = temporaryFolder();
    const source = join(folder, 'src/some/module.ts');
    const builds = join(folder, 'builds');
    const build = `mkdir -p dist/server && touch dist/server/start.js && echo built >> builds`;
    mkdirSync(join(folder, 'src/some'), { recursive: true });
    mkdirSync(join(folder, 'scripts'));
    writeFileSync(source, '');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build } }));
    cpSync(join(ROOT, 'scripts/build-if-older.mjs'), join(folder, 'scripts/build-if-older.mjs'));
    const run = (): string => {
      execFileSync(process.execPath, [join(folder, 'scripts/build-if-older.mjs')]);
      return readFileSync(builds, 'utf8');
    };

    expect(run()).toBe('built\n');
    expect(run()).toBe('built\n');
    const later = Date.now() / 1000 + 60;
    utimesSync(source, later, later);
    expect(run()).toBe('built\nbuilt\n');
  });
});
