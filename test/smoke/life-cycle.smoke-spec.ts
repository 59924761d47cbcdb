import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { metric, series } from '../support/metrics.js';
import { ServedFolder, stateOf, untilTold } from '../support/served-folder.js';
import type { Server } from '../support/server.js';
import { SteadyCalls } from '../support/steady-calls.js';

const GONE = 'ready: its folder is gone; it is served on from memory';
const LINK = 'is a symbolic link; put the folder itself there';

interface Followed {
  readonly folder: ServedFolder;
  readonly server: Server;
  readonly calls: SteadyCalls;
}

async function follow(): Promise<Followed> {
  const folder = new ServedFolder();
  const server = await folder.serve();
  return { folder, server, calls: new SteadyCalls(server) };
}

const toldLines = (server: Server, message: string): number =>
  server.stdout.split(`"message":"${message}`).length - 1;
const metrics = async (server: Server): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
/** An edit by hand. */
const write = ({ model }: ServedFolder, text: string): void =>
  writeFileSync(join(model, 'aliases.json'), text);

describe('a version folder that is copied file by file', () => {
  it.each(['last', 'first'])('waits for its files, SHA256SUMS %s, and is then served', async (place) => {
    const { folder, server, calls } = await follow();
    const copy = folder.make('2');
    const files = place === 'last' ? [...copy.files(), 'SHA256SUMS'] : ['SHA256SUMS', ...copy.files()];
    const arrive = (name: string): void => {
      mkdirSync(dirname(join(folder.model, '2', name)), { recursive: true });
      cpSync(join(copy.folder, name), join(folder.model, '2', name));
    };
    mkdirSync(join(folder.model, '2'));
    const late = files.slice(-2);
    for (const name of files.slice(0, -2)) arrive(name);
    for (const name of late) {
      const missing = place === 'last' ? 'SHA256SUMS' : name;
      await untilTold(server, (model) => stateOf(model, '2') === `loading: ${missing} is missing`);
      arrive(name);
    }
    await untilTold(server, (model) => model.version === '2');
    expect(toldLines(server, 'model version refused')).toBe(0);
    expect(await calls.stop()).toEqual([]);
  });

  it('is refused where a file stays half, and served when the other half comes', async () => {
    const { folder, server, calls } = await follow();
    const copy = folder.make('2');
    const whole = copy.read('model.onnx');
    copy.write('model.onnx', whole.subarray(0, whole.length >> 1));
    folder.drop(copy);
    await untilTold(
      server,
      (model) => stateOf(model, '2')?.startsWith('refused: model.onnx has changed') ?? false,
    );
    expect(Object.keys(calls.since())).toEqual(['1']);
    writeFileSync(join(folder.model, '2', 'model.onnx'), whole);
    await untilTold(server, (model) => model.version === '2');
    expect(await calls.stop()).toEqual([]);
  });
});

describe('a folder that is deleted under the champion', () => {
  it('is told, and served on from memory until it is there again', async () => {
    const { folder, server, calls } = await follow();
    const putBack = folder.remove('1');
    await untilTold(server, (model) => stateOf(model, '1') === GONE);
    expect(
      metric(await metrics(server), 'nestor_model_folder_gone', { model: 'turnover', version: '1' }),
    ).toBe(1);
    expect(toldLines(server, 'folder of the champion is gone')).toBe(1);
    calls.since();
    await untilTold(server, () => calls.since()['1'] !== undefined);
    putBack();
    await untilTold(server, (model) => stateOf(model, '1') === 'ready');
    expect(series(await metrics(server)).filter((name) => name.includes('folder_gone'))).toEqual([]);
    expect(await calls.stop()).toEqual([]);
  });

  it('with the whole model leaves who answered, whoever else was loaded', async () => {
    const { folder, server, calls } = await follow();
    write(folder, '{"champion":"1"}');
    folder.drop(folder.make('2'));
    await untilTold(server, (model) => stateOf(model, '2') === 'ready');
    const putBack = folder.remove();
    await untilTold(server, (model) => stateOf(model, '1') === GONE && stateOf(model, '2') === undefined);
    calls.since();
    await untilTold(server, () => calls.since()['1'] !== undefined);
    putBack();
    await untilTold(server, (model) => stateOf(model, '1') === 'ready' && stateOf(model, '2') === 'ready');
    expect(Object.keys(calls.since())).toEqual(['1']);
    expect(await calls.stop()).toEqual([]);
  });
});

describe('an aliases.json that somebody edits', () => {
  it('is followed; broken it changes nothing; emptied nobody answers; without it the highest does', async () => {
    const { folder, server, calls } = await follow();
    write(folder, '{"champion":"1"}');
    folder.drop(folder.make('2'));
    await untilTold(server, (model) => stateOf(model, '2') === 'ready');
    write(folder, '{"champion":"2","previous":"1"}');
    await untilTold(server, (model) => model.version === '2');
    write(folder, '{"champion":"1"');
    const broken = await untilTold(server, ({ reason }) => reason !== undefined);
    expect(broken).toMatchObject({
      version: '2',
      state: 'ready',
      reason: expect.stringContaining('not of the form'),
    });
    write(folder, '{"champion":"7"}');
    await untilTold(server, ({ aliases }) => aliases['champion'] === '7');
    calls.since();
    await untilTold(server, () => calls.since()['2'] !== undefined);
    expect(await calls.stop()).toEqual([]);

    write(folder, '{}');
    await untilTold(server, ({ state }) => state === 'refused');
    expect((await fetch(`${server.url}/models/turnover/ready`)).status).toBe(503);
    rmSync(join(folder.model, 'aliases.json'));
    await untilTold(server, ({ version, state }) => state === 'ready' && version === '2');
  });
});

describe('a link in the artifact folder', () => {
  it('is refused with the reason where it stands for a version, or takes the place of one', async () => {
    const { folder, server, calls } = await follow();
    const other = folder.make('2');
    symlinkSync(other.folder, join(folder.model, '2'));
    await untilTold(server, (model) => stateOf(model, '2') === `refused: ${LINK}`);
    rmSync(join(folder.model, '2'));
    folder.drop(other);
    await untilTold(server, (model) => model.version === '2');
    folder.remove('2');
    symlinkSync(folder.make('2').folder, join(folder.model, '2'));
    await untilTold(server, (model) => stateOf(model, '2') === GONE);
    expect(await calls.stop()).toEqual([]);
  });

  it('is refused where it stands for a model, or takes the place of one', async () => {
    const { folder, server, calls } = await follow();
    symlinkSync(folder.model, join(folder.root, 'linked'));
    const reasonOf = async (model: string): Promise<string | undefined> =>
      ((await (await fetch(`${server.url}/models/${model}`)).json()) as { reason?: string }).reason;
    await expect.poll(() => reasonOf('linked'), { timeout: 20_000 }).toBe(LINK);
    folder.remove();
    symlinkSync(dirname(folder.make('1').folder), folder.model);
    await untilTold(server, ({ reason }) => reason === `its folder ${LINK}`);
    calls.since();
    await untilTold(server, () => calls.since()['1'] !== undefined);
    expect(await calls.stop()).toEqual([]);
  });
});

describe('a number that gets other files while it is loaded', () => {
  it('is told, and goes on as it was', async () => {
    const { folder, server, calls } = await follow();
    const copy = folder.make('1').editManifest((manifest) => (manifest.description = 'another one'));
    folder.remove('1');
    folder.drop(copy);
    await untilTold(
      server,
      (model) => stateOf(model, '1')?.startsWith('ready: its folder holds other files now') ?? false,
    );
    expect(toldLines(server, 'folder of a loaded version holds other files now')).toBe(1);
    expect(await calls.stop()).toEqual([]);
  });
});
