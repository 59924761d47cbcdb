import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { ArtifactFollower, type FollowedDisk } from './artifact-follower.js';
import { ModelRegistry } from './model-registry.js';
import type { ModelVersion } from './model-version.js';

/** Models of one version each, whose folders can be made to fail. */
class Setting {
  readonly root = temporaryFolder();
  readonly registry = new ModelRegistry();
  readonly faults = new Map<string, Error>();
  readonly told: unknown[] = [];
  readonly follower = new ArtifactFollower(this.root, this.registry, (model) => this.diskOf(model), {
    info: () => undefined,
    warn: (text: string, facts: object) => void this.told.push([text, facts]),
    failure: (text, error, facts) => void this.told.push([text, (error as Error).message, facts]),
  });

  put(...models: string[]): void {
    for (const model of models) mkdirSync(join(this.root, model));
  }

  get champions(): string[] {
    return this.registry.usable().map(({ manifest }) => manifest.model);
  }

  /** As often as the follower looks by itself. */
  async look(): Promise<void> {
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitUntil(() => vi.getTimerCount() === 1);
  }

  private diskOf(model: string): FollowedDisk {
    const close = (): Promise<void> => Promise.resolve();
    const version = { manifest: { model, version: '1' }, digest: '', close } as unknown as ModelVersion;
    const fail = <T>(value: T): Promise<T> => {
      const fault = this.faults.get(model);
      return fault === undefined ? Promise.resolve(value) : Promise.reject(fault);
    };
    return {
      stamp: () => fail(String(performance.now())),
      versions: () => fail([{ name: '1' }]),
      aliases: () => Promise.resolve({}),
      signature: () => Promise.resolve('files'),
      missing: () => Promise.resolve(undefined),
      sums: () => Promise.resolve('sums'),
      check: () => Promise.resolve(0),
      open: () => Promise.resolve(version),
    };
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

describe('what fails for one model', () => {
  it('is told once and leaves the others followed, and it is followed again when it passes', async () => {
    const setting = new Setting();
    setting.put('a');
    await setting.follower.start();
    setting.faults.set('a', new Error('EIO'));
    setting.put('b');
    // Seen, seen to lie still, opened.
    for (let look = 0; look < 4; look++) await setting.look();
    expect(setting.champions).toEqual(['a', 'b']);
    expect(setting.told).toEqual([['model cannot be followed', 'EIO', { model: 'a' }]]);

    setting.faults.clear();
    await setting.look();
    setting.faults.set('a', new Error('EIO'));
    await setting.look();
    expect(setting.told).toHaveLength(2);
    await setting.follower.onApplicationShutdown();
  });
});

describe('a model folder that is a link', () => {
  it('is refused with the reason, until it is taken away', async () => {
    const setting = new Setting();
    symlinkSync(temporaryFolder(), join(setting.root, 'a'));
    await setting.follower.start();
    expect(setting.registry.state('a')).toEqual({
      name: 'a',
      aliases: {},
      versions: [],
      reason: 'is a symbolic link; put the folder itself there',
    });
    const { changes } = setting.registry;
    await setting.look();
    expect(setting.registry.changes).toBe(changes);

    rmSync(join(setting.root, 'a'));
    await setting.look();
    expect(setting.registry.all()).toEqual([]);
    await setting.follower.onApplicationShutdown();
  });
});
