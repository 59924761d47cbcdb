import { readFileSync } from 'node:fs';
import { containerOf } from '../support/container.js';
import { ServedFolder, stateOf, untilTold } from '../support/served-folder.js';
import type { Server } from '../support/server.js';
import { SteadyCalls } from '../support/steady-calls.js';

const GRAPHS = new URL('../support/graphs/', import.meta.url);
/** A candidate may take a quarter of it. */
const CONTAINER = containerOf(512 * 2 ** 20);
/** The time that a candidate has, and some more to be told. */
const PATIENT = 120_000;

/** Drops a version 2 with another graph; waits until it is refused. @returns the reason, and who answered meanwhile. */
async function refusal(folder: ServedFolder, server: Server, calls: SteadyCalls, graph: Buffer | string) {
  const copy = folder.make('2');
  copy.write('model.onnx', graph);
  copy.seal();
  calls.since();
  folder.drop(copy);
  const told = await untilTold(server, (model) => stateOf(model, '2')?.startsWith('refused') ?? false);
  expect(told).toMatchObject({ version: '1', state: 'ready', aliases: { champion: '1' } });
  const answeredBy = Object.keys(calls.since());
  folder.remove('2');
  await untilTold(server, (model) => stateOf(model, '2') === undefined);
  return { reason: stateOf(told, '2'), answeredBy };
}

describe('a candidate that would hurt, dropped into the folder of a server under load', () => {
  const folder = new ServedFolder();
  let server: Server;
  let calls: SteadyCalls;
  beforeAll(async () => {
    server = await folder.serve({}, ['--import', CONTAINER]);
    calls = new SteadyCalls(server);
  });

  it('is refused where it is no graph', async () => {
    expect(await refusal(folder, server, calls, 'no graph')).toEqual({
      reason: expect.stringMatching(/^refused: model\.onnx cannot be loaded: /),
      answeredBy: ['1'],
    });
  });

  it('is refused where a run takes gigabytes, long before it has them', async () => {
    const graph = readFileSync(new URL('greedy.onnx', GRAPHS));
    expect(await refusal(folder, server, calls, graph)).toEqual({
      reason: 'refused: the candidate took more than 128 MB',
      answeredBy: ['1'],
    });
  });

  it(
    'is refused where a run does not end',
    async () => {
      const graph = readFileSync(new URL('endless.onnx', GRAPHS));
      expect(await refusal(folder, server, calls, graph)).toEqual({
        reason: 'refused: the candidate did not end its check within 60 s',
        answeredBy: ['1'],
      });
    },
    PATIENT,
  );

  it('was noticed by nobody else, and a good version after it is served', async () => {
    folder.drop(folder.make('2'));
    await untilTold(server, (model) => stateOf(model, '2') === 'ready');
    expect(await calls.stop()).toEqual([]);
  });
});
