import { twoWorkers } from '../../test/support/two-workers.js';
import { VersionNotFound } from '../errors/errors.js';
import { EveryWorker, hearOthers } from './every-worker.js';
import type { ModelVersion } from './model-version.js';
import type { Passed } from './version-life.js';

/** A follower that notes what it is asked, and cannot open the version 9. */
function follower() {
  const asked: string[] = [];
  return {
    asked,
    look: async (model: string, passed?: Passed): Promise<void> => {
      asked.push(`look ${model} ${passed?.version} ${passed?.secondsPerRow}`);
      return Promise.resolve();
    },
    namedHaveCome: async (model: string): Promise<void> => {
      asked.push(`have come ${model}`);
      return Promise.resolve();
    },
    open: async (model: string, version: string): Promise<ModelVersion> => {
      asked.push(`open ${model} ${version}`);
      if (version === '9') throw new VersionNotFound(model, version);
      return Promise.resolve({ secondsPerRow: 3 } as ModelVersion);
    },
  };
}

function two() {
  const [one, other] = twoWorkers();
  const started = Promise.withResolvers<void>();
  const [here, there] = [follower(), follower()];
  hearOthers(other, there, started.promise);
  return { workers: new EveryWorker(here, one), here, there, started };
}

describe(EveryWorker.name, () => {
  it('has looked everywhere when it has looked, and says what needs no check', async () => {
    const { workers, here, there, started } = two();
    let isDone = false;
    const looked = workers.look('m', { version: '2', secondsPerRow: 3 }).then(() => (isDone = true));
    await new Promise(setImmediate);
    // What is being read at a start may be older than the change.
    expect([isDone, there.asked]).toEqual([false, []]);
    started.resolve();
    await looked;

    expect(here.asked).toEqual(['look m 2 3']);
    expect(there.asked).toEqual(['look m 2 3', 'have come m']);
  });

  it('opens a version everywhere, here first; what cannot be opened here is asked of nobody', async () => {
    const { workers, here, there, started } = two();
    started.resolve();
    await workers.open('m', '2');

    expect(here.asked).toEqual(['open m 2']);
    expect(there.asked).toEqual(['look m 2 3', 'have come m', 'open m 2']);
    await expect(workers.open('m', '9')).rejects.toThrow(VersionNotFound);
    expect(there.asked).toHaveLength(3);
  });
});
