import { setTimeout as after } from 'node:timers/promises';
import { BenchFault } from '../machine.mjs';
import { family, readProc } from '../server.mjs';
import { words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, ms, recordsOf, served, whenSo } from './served.mjs';
import { loadsOf } from './worker.mjs';

const ENDED_MS = 5_000;

/** The process that starts the workers is killed. */
export const primary = {
  what: 'the primary of 2 workers, with a slow model, is killed by SIGKILL under load',
  bound:
    'all its processes end within 5 s and nobody keeps the port; no call is left without a word; 0 lost or doubled',
  async run({ folder, rounds, patience }) {
    const [wrong, took] = [[], []];
    let answered = 0;
    for (let round = 0; round < rounds; round++) {
      const server = await served(folder, { slow: ['busy'], env: { WORKERS: '2' } });
      const loads = loadsOf(server);
      await after(1_000);
      const all = family(server.child.pid);
      if (all.length < 4) throw new BenchFault('there are no workers');
      const began = performance.now();
      server.child.kill('SIGKILL');
      const isLeft = (pid) => !['', 'Z', 'X'].includes(stateOf(pid));
      const ended = await whenSo(() => !all.some(isLeft), patience * ENDED_MS);
      took.push(ended && ended - began);
      await Promise.all(loads.map((load) => load.stop()));
      answered += loads.flatMap((load) => load.answered).length;
      const failed = loads.flatMap((load) => load.failed);
      const unsaid = failed.filter(({ code }) => code === 'NO_ANSWER');
      const left = all.filter(isLeft);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      wrong.push(
        ...broken(
          left.length > 0 && `${left.length} processes were left`,
          unsaid.length > 0 && `left without a word: ${words(unsaid)}`,
          await faultsOfRecords(recordsOf(folder), loads, Infinity),
        ),
      );
    }
    return {
      seen: `${rounds} kills, ${answered} answered, all ended after ${ms(Math.max(...took.map((time) => time ?? Infinity)))} at most`,
      broken: wrong,
    };
  },
};

const stateOf = (pid) => /^State:\s+(\w)/m.exec(readProc(pid, 'status'))?.[1] ?? '';
