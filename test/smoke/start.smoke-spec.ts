import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { copyTurnover } from '../support/artifacts.js';
import { readRecords } from '../support/records.js';
import { spawnServer, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../support/tmpfs.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ROOT = join(import.meta.dirname, '../..');
/** Some other Node on this machine that is too old. */
const OLD_NODE = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => join(folder, 'node'))
  .find((path) =>
    /^v(?:1\d|2[0-3])\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
  );
const HAS_IPV6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

/** Starts what must not start. @returns its one message. */
async function refusal(overrides: Record<string, string>, options = {}): Promise<string> {
  const server = spawnServer(overrides, options);
  const { code, seconds } = await server.ended;
  expect(code).toBe(1);
  expect(seconds).toBeLessThan(10);
  expect(server.stderr.match(/Nestor cannot start:/g)).toHaveLength(1);
  expect(server.stderr).not.toMatch(/^\s+at /m);
  return server.stderr;
}

describe('a start that cannot be', () => {
  it('lists every bad and every unknown setting with its mend, from environment and .env', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.env'), 'LOG_FORMAT=xml\nSPEED=fast\n');
    const message = await refusal({ PORT: 'http', APP_STGE: 'test', CORS_ORIGINS: 'x' }, { cwd });

    expect(message.split('\n').filter((line) => line.startsWith('  - '))).toHaveLength(5);
    for (const name of ['LOG_FORMAT', 'SPEED', 'PORT', 'APP_STGE', 'CORS_ORIGINS']) {
      expect(message).toMatch(new RegExp(`^  - ${name} .+\n    mend: .+$`, 'm'));
    }
  });

  it('says in one sentence that a folder named .env is in the way', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, '.env'));

    expect(await refusal({}, { cwd })).toContain('  - .env is a folder\n    mend: remove the folder');
  });

  it('asks what was meant by names that are nearly settings', async () => {
    const message = await refusal({ LOG_LEVL: 'info', NESTOR_LOG_LEVEL: 'info', MAX_BODY_BYTE: '1' });

    expect(message.match(/mend: if [A-Z_]+ was meant/g)).toHaveLength(3);
  });

  it.skipIf(OLD_NODE === undefined)(
    'says in one sentence which Node it needs (skipped where no older one is installed)',
    () => {
      for (const path of ['dist/main.js', 'bin/nestor.js']) {
        const { status, stderr } = spawnSync(OLD_NODE!, [path], { cwd: ROOT, encoding: 'utf8' });

        expect(status).toBe(1);
        expect(stderr).toMatch(
          /^Nestor cannot start:\n {2}- this is Node [\d.]+, and Nestor needs 24 or newer\n {4}mend: .+\n$/,
        );
      }
    },
  );

  it('names the port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const message = await refusal({ PORT: String(port) });

    expect(message).toMatch(new RegExp(`address already in use 127\\.0\\.0\\.1:${port}\n {4}mend: .+ PORT`));
    other.close();
  });

  it('names an address that is not of this machine', async () => {
    expect(await refusal({ HOST: '192.0.2.1' })).toMatch(/192\.0\.2\.1.*\n {4}mend: set HOST/);
  });

  it('names an artifact folder that is not there', async () => {
    expect(await refusal({ ARTIFACTS_DIR: '/nowhere' })).toMatch(
      /ARTIFACTS_DIR \(\/nowhere\) cannot be read: .+\n {4}mend: /,
    );
  });

  it('names a record folder that is a file', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');

    expect(await refusal({ PREDICTION_LOG_DIR: path })).toMatch(
      /PREDICTION_LOG_DIR \(.+\) cannot be written/,
    );
  });

  it.each(['LOG_DIR', 'PREDICTION_LOG_DIR'])('names a %s that cannot be made', async (setting) => {
    expect(await refusal({ [setting]: '/proc/nestor/log' })).toMatch(
      new RegExp(
        `  - ${setting} \\(/proc/nestor/log\\) cannot be written: ENOENT.+\n {4}mend: .+ ${setting}`,
      ),
    );
  });

  it.skipIf(process.getuid?.() === 0)(
    'names a record folder without leave to write (skipped for root)',
    async () => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o500);

      expect(await refusal({ PREDICTION_LOG_DIR: folder })).toMatch(
        /PREDICTION_LOG_DIR \(.+\) cannot be written/,
      );
    },
  );
});

describe('a start that works', () => {
  it('listens on every address of both families outside development', async () => {
    const server = await startServer({ APP_STAGE: 'test', HOST: '' });
    const { port } = new URL(server.url);
    const hosts = ['127.0.0.1', ...(HAS_IPV6 ? ['[::1]'] : [])];
    const statuses = await Promise.all(
      hosts.map(async (host) => (await fetch(`http://${host}:${port}/health/live`)).status),
    );

    expect(statuses).toEqual(hosts.map(() => 200));
  });

  it('listens on one address of a name: what bounds and ends connections knows of one listener', async () => {
    const server = await startServer({ HOST: 'localhost' });
    const { port } = new URL(server.url);

    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    await expect(fetch(`http://[::1]:${port}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('is not irritated by what Kubernetes says of a service named nestor', async () => {
    const server = await startServer({
      NESTOR_SERVICE_HOST: '10.0.0.1',
      NESTOR_PORT: 'tcp://10.0.0.1:3000',
      NESTOR_PORT_3000_TCP_ADDR: '10.0.0.1',
      NESTOR_API_KEY: 'x',
    });

    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });

  it('reads .env of the working folder, over which the environment wins', async () => {
    const cwd = temporaryFolder();
    const folder = join(cwd, 'records');
    writeFileSync(join(cwd, '.env'), `PREDICTION_LOG_DIR=${folder}\nPORT=1\n`);
    const server = await startServer({ PREDICTION_LOG_DIR: '' }, { cwd });
    await server.post('/predict', TURNOVER_ROW);

    expect(readRecords(folder)).toHaveLength(1);
  });

  it.skipIf(!MAY_MOUNT)('goes on without a copy of its log where LOG_DIR is full, and says so', async () => {
    const disk = smallDisk();
    takeSpace(disk);
    const server = await startServer({ LOG_DIR: disk, LOG_LEVEL: 'http' });
    for (let call = 0; call < 300; call++) await server.post('/predict', TURNOVER_ROW);
    await server.stop();

    expect(server.stdout).toMatch(/ENOSPC.+"application log cannot be copied to LOG_DIR/);
    expect(server.stdout.match(/"request"/g)).toHaveLength(300);
  });

  it('takes an unreadable model for refused, not for the end of all', async () => {
    const copy = copyTurnover();
    copyTurnover({ root: copy.root, name: 'healthy' });
    rmSync(join(copy.folder, 'model.onnx'));
    mkdirSync(join(copy.folder, 'model.onnx'));
    const server = await startServer({ ARTIFACTS_DIR: copy.root });

    expect((await server.post('/models/healthy/predict', TURNOVER_ROW)).status).toBe(200);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  });

  it('starts without a model that answers, is not ready, and says what is missing', async () => {
    const copy = copyTurnover();
    copy.damage('model.onnx');
    for (const folder of [temporaryFolder(), copy.root]) {
      const server = await startServer({ ARTIFACTS_DIR: folder });

      expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
      expect((await fetch(`${server.url}/health/started`)).status).toBe(200);
      expect(server.stdout).toContain('no model answers yet: put a version into ARTIFACTS_DIR, or push one');
    }
  });
});
