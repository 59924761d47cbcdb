import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Entry } from '../artifacts/artifact-store.js';
import { ModelLife } from './model-life.js';
import type { ModelState } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import type { AliasesNow } from './rightful-champion.js';
import type { ModelDisk } from './seen-folder.js';

/** A folder that holds what a test says, and versions that say when they were closed. */
class FakeDisk implements ModelDisk {
  readonly entries = new Map<string, Entry>();
  readonly signatures = new Map<string, string>();
  readonly missingFiles = new Map<string, string>();
  readonly sumsNow = new Map<string, string | undefined>();
  readonly faults = new Map<string, Error>();
  now: AliasesNow = {};
  readonly checked: string[] = [];
  readonly opened: string[] = [];
  /** What the last open of each version was told of its cost. */
  readonly toldCosts = new Map<string, number | undefined>();
  readonly closed: string[] = [];
  /** Holds up what checks and opens until it is resolved. */
  gate: Promise<void> = Promise.resolve();
  /** Holds up what closes. */
  busy: Promise<void> = Promise.resolve();
  closeFault: Error | undefined;
  /** Why loaded versions answer nobody for now. */
  readonly failing = new Map<string, string>();

  put(...versions: string[]): this {
    for (const name of versions) this.entries.set(name, { name });
    return this;
  }

  /** Why the folder, or that of a version, cannot be read. */
  unreadable: Error | undefined;
  readonly unreadableVersions = new Map<string, Error>();

  versions = (): Promise<readonly Entry[]> =>
    this.unreadable
      ? Promise.reject(this.unreadable)
      : Promise.resolve([...this.entries.values()].toSorted((a, b) => Number(a.name) - Number(b.name)));
  aliases = (): Promise<AliasesNow> => Promise.resolve(this.now);
  signature = (version: string): Promise<string> => {
    const fault = this.unreadableVersions.get(version);
    return fault ? Promise.reject(fault) : Promise.resolve(this.signatures.get(version) ?? 'files');
  };
  sums = (version: string): Promise<string | undefined> =>
    Promise.resolve(this.sumsNow.has(version) ? this.sumsNow.get(version) : 'sums');
  missing = (version: string): Promise<string | undefined> => Promise.resolve(this.missingFiles.get(version));

  async check(version: string): Promise<number> {
    await this.gate;
    this.checked.push(version);
    const fault = this.faults.get(version);
    if (fault !== undefined) throw fault;
    return 3;
  }

  async open(version: string, secondsPerRow: number | undefined): Promise<ModelVersion> {
    await this.gate;
    this.opened.push(version);
    this.toldCosts.set(version, secondsPerRow);
    const fault = this.faults.get(version);
    if (fault !== undefined) throw fault;
    const close = async (): Promise<void> => {
      await this.busy;
      this.closed.push(version);
      if (this.closeFault !== undefined) throw this.closeFault;
    };
    const { failing } = this;
    return {
      manifest: { version },
      digest: `d${version}`,
      secondsPerRow: secondsPerRow ?? 1,
      get fault() {
        return failing.get(version);
      },
      close,
    } as unknown as ModelVersion;
  }
}

class Setting {
  readonly disk = new FakeDisk();
  readonly told: string[] = [];
  state: ModelState | undefined;
  clock = 0;
  readonly life = new ModelLife(
    'm',
    this.disk,
    {
      info: (text) => void this.told.push(text),
      warn: (text: string) => void this.told.push(text),
      failure: (text) => void this.told.push(text),
    },
    (state) => (this.state = state),
    () => this.clock,
  );

  /** Looks twice with time in between, so that what lies still is seen to lie still, and waits for what begins. */
  async follow(): Promise<void> {
    await this.life.reconcile();
    this.clock += 2_000;
    await this.life.reconcile();
    await settled();
  }

  get champion(): string | undefined {
    return this.state?.champion?.manifest.version;
  }

  /** E.g. `1 ready, 2 refused`. */
  get phases(): string {
    return this.state!.versions.map(({ version, phase }) => `${version} ${phase}`).join(', ');
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const started = async (disk: (disk: FakeDisk) => unknown): Promise<Setting> => {
  const setting = new Setting();
  disk(setting.disk);
  await setting.life.start();
  return setting;
};

describe('the start', () => {
  it('opens the two highest at once and unchecked; the highest answers where no alias says otherwise', async () => {
    const setting = await started((disk) => disk.put('1', '2', '10'));
    expect(setting.phases).toBe('1 available, 2 ready, 10 ready');
    expect(setting.champion).toBe('10');
    expect(setting.disk.checked).toEqual([]);
    expect(setting.state!.aliases).toEqual({ champion: '10' });
  });

  it('opens whatever an alias names beside them', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2', '3', '4').now = { aliases: { champion: '1', previous: '2' } };
    });
    expect(setting.phases).toBe('1 ready, 2 ready, 3 ready, 4 ready');
    expect(setting.champion).toBe('1');
  });

  it('goes down to the next version where one is refused, and says why it was', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2', '3').faults.set('3', new ArtifactFault('model.onnx has changed'));
    });
    expect(setting.phases).toBe('1 ready, 2 ready, 3 refused');
    expect(setting.champion).toBe('2');
    expect(setting.state!.versions[2]).toEqual({
      version: '3',
      phase: 'refused',
      reason: 'model.onnx has changed',
    });
  });

  it('is ended by what is no fault of an artifact, also where that comes after another version', async () => {
    const fault = new TypeError('no such rule');
    await expect(started((disk) => disk.put('1').faults.set('1', fault))).rejects.toBe(fault);
    const late = started((disk) => {
      disk.put('1', '2', '3').faults.set('3', new ArtifactFault('broken')).set('1', fault);
    });
    await expect(late).rejects.toBe(fault);
  });

  it('tells a folder that cannot be read, and follows it when it can be', async () => {
    const setting = await started((disk) => {
      disk.put('1').unreadable = new ArtifactFault('its folder cannot be read: EACCES');
    });
    expect(setting.state).toMatchObject({ versions: [], reason: 'its folder cannot be read: EACCES' });
    expect(setting.life.isOver).toBe(false);
    expect(setting.life.isSettled).toBe(false);

    setting.disk.unreadable = undefined;
    await setting.follow();
    expect(setting.champion).toBe('1');
    expect(setting.state!.reason).toBeUndefined();
  });

  it('leaves a version that is still being copied alone, and takes the one below', async () => {
    const setting = await started((disk) => disk.put('1', '2').missingFiles.set('2', 'model.onnx'));
    expect(setting.phases).toBe('1 ready, 2 loading');
    expect(setting.state!.versions[1]!.reason).toBe('model.onnx is missing');
    expect(setting.champion).toBe('1');
  });

  it.each<[string, AliasesNow, string | undefined]>([
    ['a champion that is refused', { aliases: { champion: '3' } }, undefined],
    ['no champion on purpose', { aliases: {} }, undefined],
    ['a version that is not there', { aliases: { champion: '7' }, lastChampion: '1' }, '1'],
    ['a version that is not there, and no history', { aliases: { champion: '7' } }, '2'],
    ['a broken file', { fault: 'torn', lastChampion: '1' }, '1'],
    ['a broken file, and no history', { fault: 'torn' }, '2'],
    ['a broken file, and a history without a champion', { fault: 'torn', lastChampion: null }, undefined],
  ])('with %s', async (_, aliases, champion) => {
    const setting = await started((disk) => {
      disk.put('1', '2', '3').faults.set('3', new ArtifactFault('broken'));
      disk.now = aliases;
    });
    expect(setting.champion).toBe(champion);
    expect(setting.state!.reason).toBe(aliases.fault);
  });
});

describe('a version that appears', () => {
  it('is looked at when it lies still, checked elsewhere first, then opened, and answers', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.put('2');
    await setting.life.reconcile();
    await settled();
    expect(setting.phases).toBe('1 ready, 2 loading');
    expect(setting.disk.checked).toEqual([]);

    setting.clock += 999;
    setting.disk.signatures.set('2', 'more files');
    await setting.life.reconcile();
    setting.clock += 999;
    await setting.life.reconcile();
    expect(setting.disk.checked).toEqual([]);

    setting.clock += 1;
    await setting.life.reconcile();
    await settled();
    expect(setting.disk.checked).toEqual(['2']);
    expect(setting.disk.opened).toEqual(['1', '2']);
    expect(setting.champion).toBe('2');
    expect(setting.told).toContain('champion changed');
  });

  it('changes nothing while it is on its way up', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    let go: () => void = () => undefined;
    setting.disk.gate = new Promise((resolve) => (go = resolve));
    setting.disk.put('3');
    await setting.follow();
    expect(setting.phases).toBe('1 ready, 2 ready, 3 loading');
    expect(setting.champion).toBe('2');
    go();
    await settled();
    expect(setting.phases).toBe('1 available, 2 ready, 3 ready');
    expect(setting.disk.closed).toEqual(['1']);
  });

  it('that fails leaves the champion as it was, also where an alias names it', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    setting.disk.put('3').faults.set('3', new ArtifactFault('does not end'));
    setting.disk.now = { aliases: { champion: '3' } };
    await setting.follow();
    expect(setting.phases).toBe('1 ready, 2 ready, 3 refused');
    expect(setting.champion).toBe('2');
  });

  it('is looked at again when a refused one is written anew, and not before', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.put('2').faults.set('2', new ArtifactFault('broken'));
    await setting.follow();
    await setting.follow();
    expect(setting.disk.checked).toEqual(['2']);

    setting.disk.faults.clear();
    setting.disk.signatures.set('2', 'mended');
    await setting.follow();
    expect(setting.disk.checked).toEqual(['2', '2']);
    expect(setting.champion).toBe('2');
  });

  it('is opened without another check where whoever put it there has checked it', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.put('2');
    await setting.life.reconcile({ version: '2', secondsPerRow: 2 });
    await settled();
    expect(setting.disk.checked).toEqual([]);
    expect(setting.champion).toBe('2');
  });

  it('is measured where it is checked, and opened with that', async () => {
    const setting = await started((disk) => disk.put('1'));
    expect(setting.disk.toldCosts.get('1')).toBeUndefined();

    setting.disk.put('2');
    await setting.follow();
    expect(setting.disk.toldCosts.get('2')).toBe(3);
    setting.disk.put('3');
    await setting.life.reconcile({ version: '3', secondsPerRow: 2 });
    await settled();
    expect(setting.disk.toldCosts.get('3')).toBe(2);

    // The first was retired meanwhile: what its load at the start has measured still holds.
    expect(setting.phases).toBe('1 available, 2 ready, 3 ready');
    await setting.life.open('1');
    expect(setting.disk.toldCosts.get('1')).toBe(1);
    expect(setting.disk.checked).toEqual(['2']);
  });

  it('is looked at more seldom the longer it has been refused, every ten seconds at last', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.put('2').faults.set('2', new ArtifactFault('broken'));
    await setting.follow();
    for (const [at, isSettled] of [
      [2_200, false],
      [12_000, false],
      [12_900, true],
      [13_300, false],
      [1_000_000, false],
      [1_009_900, true],
      [1_010_000, false],
    ] as const) {
      setting.clock = at;
      expect([at, setting.life.isSettled]).toEqual([at, isSettled]);
      if (!isSettled) await setting.life.reconcile();
    }
  });

  it('is tried again a minute later where it failed for a reason that is not its own', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.put('2').faults.set('2', new Error('spawn EAGAIN'));
    await setting.follow();
    expect(setting.phases).toBe('1 ready, 2 refused');
    setting.disk.faults.clear();
    await setting.follow();
    expect(setting.disk.checked).toEqual(['2']);
    setting.clock += 60_000;
    await setting.follow();
    expect(setting.disk.checked).toEqual(['2', '2']);
    expect(setting.champion).toBe('2');
  });

  it('is told where it cannot be read, and looked at until it can be; others are followed meanwhile', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.put('2', '3').unreadableVersions.set('2', new ArtifactFault('its folder cannot be read'));
    await setting.follow();
    expect(setting.phases).toBe('1 ready, 2 refused, 3 ready');
    expect(setting.state!.versions[1]!.reason).toBe('its folder cannot be read');
    setting.disk.unreadableVersions.clear();
    await setting.follow();
    expect(setting.phases).toBe('1 available, 2 ready, 3 ready');
  });

  it('is looked at no more while it is on disk alone', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3'));
    expect(setting.phases).toBe('1 available, 2 ready, 3 ready');
    expect(setting.life.isSettled).toBe(true);
  });

  it('is refused where it is a link, with the reason', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.entries.set('2', { name: '2', fault: 'is a symbolic link' });
    await setting.follow();
    expect(setting.state!.versions[1]).toEqual({
      version: '2',
      phase: 'refused',
      reason: 'is a symbolic link',
    });
    expect(setting.life.isSettled).toBe(true);
  });
});

describe('an alias that changes', () => {
  it('is followed at once where the version is loaded, and back', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2').now = { aliases: { champion: '1' } };
    });
    setting.disk.now = { aliases: { champion: '2', previous: '1' } };
    await setting.life.reconcile();
    expect(setting.champion).toBe('2');
    setting.disk.now = { aliases: { champion: '1' } };
    await setting.life.reconcile();
    expect(setting.champion).toBe('1');
    expect(setting.disk.opened.toSorted()).toEqual(['1', '2']);
  });

  it('waits for a version that is on disk alone, and the old one answers meanwhile', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3'));
    let go: () => void = () => undefined;
    setting.disk.gate = new Promise((resolve) => (go = resolve));
    setting.disk.now = { aliases: { champion: '1' } };
    await setting.life.reconcile();
    expect(setting.champion).toBe('3');
    go();
    await settled();
    expect(setting.champion).toBe('1');
    expect(setting.phases).toBe('1 ready, 2 ready, 3 ready');
  });

  it('is waited for where the version it names is on its way, and no longer than it is', async () => {
    const it = new Setting();
    it.disk.put('1', '2', '3');
    await it.life.start();
    await it.life.namedHaveCome();
    const gate = Promise.withResolvers<void>();
    it.disk.gate = gate.promise;
    it.disk.now = { aliases: { champion: '1', other: '9' } };
    await it.life.reconcile();
    const come = it.life.namedHaveCome().then(() => it.champion);
    await settled();
    expect(it.champion).toBe('3');
    gate.resolve();
    expect(await come).toBe('1');
  });

  it('is not followed where the file breaks', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2').now = { aliases: { champion: '1' } };
    });
    setting.disk.now = { fault: 'torn', lastChampion: '2' };
    await setting.life.reconcile();
    expect(setting.champion).toBe('1');
    expect(setting.state).toMatchObject({ reason: 'torn', aliases: { champion: '1' } });
  });

  it('to none takes the champion away', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.now = { aliases: {} };
    await setting.life.reconcile();
    expect(setting.champion).toBeUndefined();
    expect(setting.phases).toBe('1 ready');
  });
});

describe('an aliases.json that vanishes', () => {
  it('changes nothing while somebody writes it anew', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2').now = { aliases: { champion: '1' } };
    });
    setting.disk.now = {};
    await setting.life.reconcile();
    expect(setting.champion).toBe('1');
    expect(setting.life.isSettled).toBe(false);
    setting.disk.now = { aliases: { champion: '1', challenger: '2' } };
    await setting.follow();
    expect(setting.state!.aliases).toEqual({ champion: '1', challenger: '2' });
    expect(setting.told).not.toContain('champion changed');
  });

  it('leaves the choice to the highest that passes when it stays away', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2').now = { aliases: { champion: '1' } };
    });
    setting.disk.now = {};
    await setting.follow();
    expect(setting.champion).toBe('2');
    expect(setting.life.isSettled).toBe(true);
  });
});

describe('a version that is loaded', () => {
  it('is served on where its number gets other files, and says so until it has its own again', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.signatures.set('1', 'others');
    setting.disk.sumsNow.set('1', 'others');
    await setting.follow();
    expect(setting.champion).toBe('1');
    expect(setting.state!.versions[0]).toMatchObject({
      phase: 'ready',
      reason: 'its folder holds other files now; what was loaded before is served until a restart',
    });
    expect(setting.told.filter((text) => text.includes('holds other files now'))).toHaveLength(1);
    expect(setting.life.isSettled).toBe(false);
    expect(setting.disk.opened).toEqual(['1']);

    setting.disk.sumsNow.clear();
    await setting.follow();
    expect(setting.state!.versions[0]!.reason).toBeUndefined();
    expect(setting.life.isSettled).toBe(true);
  });

  it('says nothing of files that were copied anew and are the same', async () => {
    const setting = await started((disk) => disk.put('1'));
    setting.disk.signatures.set('1', 'the same, later');
    await setting.follow();
    expect(setting.state!.versions[0]!.reason).toBeUndefined();
  });

  it('goes, like one that is gone, where a link takes its place, which is refused', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    setting.disk.entries.set('1', { name: '1', fault: 'is a symbolic link' });
    await setting.follow();
    expect(setting.disk.closed).toEqual(['1']);
    expect(setting.life.isSettled).toBe(false);
    await setting.follow();
    expect(setting.phases).toBe('1 refused, 2 ready');
  });

  it('says that its processes fail and why, stays champion meanwhile, and answers again by itself', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    expect(setting.life.isSettled).toBe(true);
    setting.disk.failing.set('2', 'it took more than 512 MB');
    expect(setting.life.isSettled).toBe(false);
    await setting.life.reconcile();
    expect(setting.phases).toBe('1 ready, 2 failing');
    expect(setting.state!.versions[1]!.reason).toBe('it took more than 512 MB');
    expect([setting.champion, setting.life.isSettled]).toEqual(['2', true]);

    setting.disk.failing.clear();
    expect(setting.life.isSettled).toBe(false);
    await setting.life.reconcile();
    expect(setting.phases).toBe('1 ready, 2 ready');
    expect(setting.state!.versions[1]).not.toHaveProperty('reason');
  });

  it('and cannot be given back is told, and followed on', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    setting.disk.closeFault = new Error('no such session');
    setting.disk.entries.delete('1');
    await setting.follow();
    expect(setting.told).toContain('model version not given back');
    expect(setting.phases).toBe('2 ready');
  });
});

describe('a folder that cannot be read any more', () => {
  it('leaves what is loaded, and says so once', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    setting.disk.unreadable = new ArtifactFault('its folder cannot be read: EACCES');
    await setting.follow();
    expect(setting.champion).toBe('2');
    expect(setting.state!.reason).toBe('its folder cannot be read: EACCES');
    expect(setting.told.filter((text) => text === 'model cannot be followed')).toHaveLength(1);
  });
});

describe('a folder that vanishes', () => {
  it('whole leaves the champion that aliases.json named, and nobody above it', async () => {
    const setting = await started((disk) => {
      disk.put('1', '2').now = { aliases: { champion: '1' } };
    });
    const { entries } = setting.disk;
    const before = [...entries];
    entries.clear();
    setting.disk.now = {};
    await setting.follow();
    await setting.follow();
    expect(setting.champion).toBe('1');
    expect(setting.phases).toBe('1 ready');
    expect(setting.life.isOver).toBe(false);

    for (const [name, entry] of before) entries.set(name, entry);
    setting.disk.now = { aliases: { champion: '1' } };
    await setting.follow();
    expect(setting.phases).toBe('1 ready, 2 ready');
    expect(setting.state!.versions[0]!.reason).toBeUndefined();
  });

  it('under the champion is told once, and served on from memory', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    setting.disk.entries.delete('2');
    await setting.follow();
    expect(setting.champion).toBe('2');
    expect(setting.state!.versions[1]).toMatchObject({
      phase: 'ready',
      reason: 'its folder is gone; it is served on from memory',
    });
    expect(setting.told.filter((text) => text.startsWith('folder of the champion is gone'))).toHaveLength(1);
  });

  it('of another version takes it away', async () => {
    const setting = await started((disk) => disk.put('1', '2'));
    setting.disk.entries.delete('1');
    await setting.follow();
    expect(setting.phases).toBe('2 ready');
    expect(setting.disk.closed).toEqual(['1']);
  });

  it('is over when nothing answers from it any more', async () => {
    const setting = await started((disk) => disk.put('1').faults.set('1', new ArtifactFault('broken')));
    setting.disk.entries.clear();
    await setting.follow();
    expect(setting.life.isOver).toBe(true);
  });
});

describe('a version that is asked for by its number', () => {
  it('is checked and opened, and the call waits for it', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3'));
    expect((await setting.life.open('1')).manifest.version).toBe('1');
    expect(setting.disk.checked).toEqual(['1']);
    expect(setting.phases).toBe('1 ready, 2 ready, 3 ready');
  });

  it('lets the oldest of two others go', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3', '4', '5'));
    for (const version of ['1', '2', '3']) await setting.life.open(version);
    await settled();
    expect(setting.phases).toBe('1 available, 2 ready, 3 ready, 4 ready, 5 ready');
  });

  it('comes up again where it was on its way down, and needs no second check', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3', '4', '5'));
    let go: () => void = () => undefined;
    await setting.life.open('1');
    setting.disk.busy = new Promise((resolve) => (go = resolve));
    await setting.life.open('2');
    await setting.life.open('3');
    expect(setting.phases).toContain('1 retiring');
    const again = setting.life.open('1');
    go();
    expect((await again).manifest.version).toBe('1');
    expect(setting.disk.checked).toEqual(['1', '2', '3']);
  });

  it('is opened once for all who ask while it is on its way', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3'));
    const opened = await Promise.all(['1', '1', '1'].map((version) => setting.life.open(version)));
    expect(new Set(opened).size).toBe(1);
    expect(setting.disk.checked).toEqual(['1']);
  });

  it('answers whoever asked for it, however many others are asked for in the same moment', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3', '4', '5', '6'));
    const asked = ['1', '2', '3', '4', '1', '2', '3', '4'].map(async (version) => {
      const opened = await setting.life.open(version);
      expect(setting.disk.closed.filter((closed) => closed === version)).toHaveLength(0);
      return opened.manifest.version;
    });
    expect(await Promise.all(asked)).toEqual(['1', '2', '3', '4', '1', '2', '3', '4']);
    await settled();
    expect(setting.disk.checked).toEqual(['1', '2', '3', '4']);
    expect(setting.phases).toBe('1 available, 2 available, 3 ready, 4 ready, 5 ready, 6 ready');
  });

  it('that does not pass takes no place from one that does', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3', '4', '5'));
    setting.disk.faults.set('3', new ArtifactFault('broken'));
    await setting.life.open('1');
    await setting.life.open('2');
    await expect(setting.life.open('3')).rejects.toThrow('has no usable version "3"');
    await settled();
    expect(setting.phases).toBe('1 ready, 2 ready, 3 refused, 4 ready, 5 ready');
  });

  it('is not found where it is not there, or does not pass', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3'));
    await expect(setting.life.open('9')).rejects.toThrow('has no usable version "9"');
    setting.disk.faults.set('1', new ArtifactFault('broken'));
    await expect(setting.life.open('1')).rejects.toThrow('has no usable version "1"');
  });
});

describe('the end', () => {
  it('closes whatever is loaded', async () => {
    const setting = await started((disk) => disk.put('1', '2', '3'));
    await setting.life.close();
    expect(setting.disk.closed.toSorted()).toEqual(['2', '3']);
  });
});
