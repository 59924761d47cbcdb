import { type OnApplicationShutdown } from '@nestjs/common';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { ModelFolder } from '../artifacts/artifact-store.js';
import { ModelNotFound, ModelNotReady, VersionNotFound } from '../errors/errors.js';
import type { ModelVersion } from './model-version.js';

/** One version as it stands: usable, or refused for a reason. */
export interface VersionState {
  readonly version: string;
  readonly loaded?: ModelVersion;
  readonly reason?: string;
}

export interface ModelState {
  readonly name: string;
  readonly aliases: Readonly<Record<string, string>>;
  readonly versions: readonly VersionState[];
}

/** Every model of the artifact folder, usable or not. The champion answers unless a version is named. */
export class ModelRegistry implements OnApplicationShutdown {
  private readonly models: ReadonlyMap<string, ModelState>;
  /** Looked up for every request; holds the usable champions only. */
  private readonly champions: ReadonlyMap<string, ModelVersion>;

  private constructor(states: readonly ModelState[]) {
    this.models = new Map(states.map((state) => [state.name, state]));
    this.champions = new Map(
      states.flatMap((state) => {
        const champion = championOf(state)?.loaded;
        return champion === undefined ? [] : [[state.name, champion]];
      }),
    );
  }

  /** Loads every version of every folder; one that fails is kept with its reason and does not stop the others. */
  static async load(
    folders: readonly ModelFolder[],
    loadVersion: (model: string, version: string) => Promise<ModelVersion>,
  ): Promise<ModelRegistry> {
    const states: ModelState[] = [];
    for (const { name, versions, aliases, fault } of folders) {
      const loaded: VersionState[] = [];
      for (const version of versions) {
        loaded.push(
          fault === undefined ? await tryLoad(name, version, loadVersion) : { version, reason: fault },
        );
      }
      states.push({ name, aliases, versions: loaded });
    }
    return new ModelRegistry(states);
  }

  all(): readonly ModelState[] {
    return [...this.models.values()];
  }

  /** Champions that answer. */
  usable(): readonly ModelVersion[] {
    return [...this.champions.values()];
  }

  /** Names of the models whose champion was refused. */
  unready(): readonly string[] {
    return [...this.models.keys()].filter((name) => !this.champions.has(name));
  }

  /** @throws ModelNotFound */
  state(name: string): ModelState {
    const state = this.models.get(name);
    if (state === undefined) throw new ModelNotFound(name);
    return state;
  }

  /** @throws ModelNotFound, ModelNotReady */
  champion(name: string): ModelVersion {
    const champion = this.champions.get(name);
    if (champion !== undefined) return champion;
    throw new ModelNotReady(this.state(name).name);
  }

  /** @throws ModelNotFound, VersionNotFound */
  version(name: string, version: string): ModelVersion {
    const found = this.state(name).versions.find((each) => each.version === version)?.loaded;
    if (found === undefined) throw new VersionNotFound(name, version);
    return found;
  }

  onApplicationShutdown(): void {
    for (const { versions } of this.all()) {
      for (const { loaded } of versions) loaded?.release();
    }
  }
}

/** The state of the version that `champion` names; undefined where it names a folder that is not there. */
export function championOf({ aliases, versions }: ModelState): VersionState | undefined {
  return versions.find(({ version }) => version === aliases['champion']);
}

async function tryLoad(
  model: string,
  version: string,
  loadVersion: (model: string, version: string) => Promise<ModelVersion>,
): Promise<VersionState> {
  try {
    return { version, loaded: await loadVersion(model, version) };
  } catch (error) {
    // Whatever an artifact can cause is made such a fault where it is read and run; the rest is this program's.
    if (!(error instanceof ArtifactFault)) throw error;
    return { version, reason: error.message };
  }
}
