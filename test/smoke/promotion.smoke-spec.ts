import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { ModelAliases } from '../../src/artifacts/aliases.js';
import { startAliasProcess } from '../support/alias-processes.js';
import { linesIn, to } from '../support/model-folder.js';
import { ServedFolder, untilTold } from '../support/served-folder.js';
import { SteadyCalls } from '../support/steady-calls.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

describe('two processes that promote at the same moment', () => {
  it('and saw the same revision: one wins, and both servers on the folder follow it', async () => {
    const folder = new ServedFolder();
    for (const version of ['2', '3']) folder.drop(folder.make(version));
    const aliases = new ModelAliases(folder.model);
    await aliases.change(to('1'));
    const servers = await Promise.all([folder.serve(), folder.serve()]);
    const calls = servers.map((server) => new SteadyCalls(server));

    for (let round = 1; round <= 3; round++) {
      const { revision: expected } = await aliases.read();
      const plans = ['2', '3'].map((version) => ({
        folder: folder.model,
        changes: [to(version, { expected })],
      }));
      const processes = await Promise.all(plans.map(startAliasProcess));
      const endings = await Promise.all(processes.map(({ run }) => run()));
      const outcomes = endings.map(({ outcomes: [outcome] }) => outcome!.revision ?? outcome!.code);
      expect(outcomes).toHaveLength(2);
      expect(outcomes).toEqual(expect.arrayContaining([expected + 1, 'revision_mismatch']));
      const winner = outcomes[0] === expected + 1 ? '2' : '3';
      await Promise.all(servers.map((server) => untilTold(server, ({ version }) => version === winner)));
      await aliases.rollback({ who: 'ann', reason: null, expected: 'any' });
      await Promise.all(servers.map((server) => untilTold(server, ({ version }) => version === '1')));
    }
    for (const each of calls) expect(await each.stop()).toEqual([]);
  });
});

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 3);

describe('a server that is killed while versions come and go', () => {
  const folder = new ServedFolder();
  const aliases = new ModelAliases(folder.model);
  beforeAll(() => aliases.change(to('1')));

  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'serves the champion that aliases.json names when it starts again (round %i)',
    async () => {
      const server = await folder.serve();
      const calls = new SteadyCalls(server);
      const churn = new AbortController();
      const churning = comeAndGo(folder, aliases, churn.signal);
      await after(Math.random() * 6_000);
      await server.stop('SIGKILL');
      churn.abort();
      await churning;
      await calls.stop();

      const again = await folder.serve();
      const named = (await aliases.read()).aliases!['champion']!;
      const told = await untilTold(again, ({ state }) => state !== 'loading');
      expect(told).toMatchObject({ version: named, state: 'ready', aliases: { champion: named } });
      const reply = await again.post('/models/turnover/predict', TURNOVER_ROW);
      expect(await reply.json()).toMatchObject({ version: named });
      expect(linesIn(folder.model).findLast((line) => line.alias === 'champion')!.to).toBe(named);
      await again.stop();
    },
  );
});

/**
 * Drops, promotes, rolls back and removes without waiting for anybody to follow, until it is told to end; then it leaves
 * either version as champion.
 */
async function comeAndGo(folder: ServedFolder, aliases: ModelAliases, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (!existsSync(join(folder.model, '2'))) folder.drop(folder.make('2'));
    await after(Math.random() * 3_000);
    await aliases.change(to('2'));
    await after(Math.random() * 1_500);
    if (signal.aborted && Math.random() < 0.5) return;
    await aliases.rollback({ who: 'ann', reason: null, expected: 'any' });
    await after(Math.random() * 500);
    folder.remove('2');
    if (signal.aborted) return;
  }
}
