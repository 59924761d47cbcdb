import { setTimeout as after } from 'node:timers/promises';
import { Postgres } from '../postgres.mjs';
import { freePort } from '../server.mjs';
import { BODY } from '../single.mjs';
import { call } from '../call.mjs';
import { Load, words } from '../load.mjs';
import { broken, ms, served, whenSo } from './served.mjs';

const STILL_MS = 3_000;
const REFUSED_MS = 1_500;
const BACK_MS = 10_000;

/** The state database stands still, and is then gone. */
export const postgres = {
  needs: () => (Postgres.isInstalled() ? undefined : 'PostgreSQL is not installed'),
  what: 'the PostgreSQL of the state stands still (SIGSTOP), under load',
  bound: '0 failed predictions; a training 503 in < 1.5 s; taken again in < 10 s; none there twice',
  async run({ folder, rounds, patience }) {
    const database = await Postgres.start(await freePort());
    const env = { STATE_DATABASE_URL: database.url, APP_STAGE: 'test' };
    let keys = 0;
    try {
      const server = await served(folder, { env });
      const load = new Load(server.port, { path: '/predict', body: BODY, callers: 8, pauseMs: 2 });
      const train = () =>
        call(server.port, 'POST', '/models/turnover/train', {
          body: '{}',
          headers: { 'idempotency-key': `key-${keys++}` },
        });
      const isTaken = async () => [200, 202].includes((await train()).status);
      const [refused, back] = [[], []];
      await whenSo(isTaken, BACK_MS);
      for (let round = 0; round < rounds; round++) {
        database.signal('SIGSTOP');
        for (const end = performance.now() + STILL_MS; performance.now() < end; await after(100))
          refused.push(await train());
        database.signal('SIGCONT');
        const began = performance.now();
        const there = await whenSo(isTaken, patience * BACK_MS);
        back.push(there && there - began);
      }
      await load.stop();
      const { jobs } = JSON.parse((await call(server.port, 'GET', '/jobs?limit=500')).text);
      await server.stop();
      const slowest = Math.max(...refused.map(({ began, ended }) => ended - began));
      return {
        seen:
          `${load.answered.length} predictions, failed: ${words(load.failed)}; trainings meanwhile: ${words(refused)}, ` +
          `${ms(slowest)} at most; taken again after ${ms(Math.max(...back.map((time) => time ?? Infinity)))}; ${jobs.length} jobs of ${keys} keys`,
        broken: broken(
          load.failed.length > 0 && 'predictions failed',
          refused.some(({ status }) => status !== 503) && `a training got ${words(refused)}`,
          slowest > patience * REFUSED_MS && 'a refusal takes too long',
          back.includes(undefined) && 'trainings are not taken again',
          jobs.length > keys && 'a training is there twice',
        ),
      };
    } finally {
      database.signal('SIGKILL');
    }
  },
};
