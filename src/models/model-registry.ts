import { Injectable } from '@nestjs/common';
import { ModelNotFound, ModelNotReady, VersionNotFound } from '../errors/errors.js';
import type { ModelVersion } from './model-version.js';

/**
 * What a version is doing: `loading` (being written, checked or opened), `ready`, `failing` (loaded, but its processes
 * end one after another; tried again by itself), `retiring` (answers what it has, takes no more), `refused` for a reason,
 * or `available` (on disk, opened when it is asked for).
 */
export type VersionPhase = 'loading' | 'ready' | 'failing' | 'retiring' | 'refused' | 'available';

export interface VersionState {
  readonly version: string;
  readonly phase: VersionPhase;
  /** Where it is ready, or failing. */
  readonly loaded?: ModelVersion | undefined;
  /** Why it is refused or what it waits for; of a ready one, what is wrong with its folder. */
  readonly reason?: string | undefined;
  /** Of a ready one: its folder is gone, and it is served on from memory. */
  readonly isGone?: boolean;
}

/** A model as it stands. Never changed: a new one takes its place. */
export interface ModelState {
  readonly name: string;
  /** As people see them: without an aliases.json the champion alone. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Ascending by number. */
  readonly versions: readonly VersionState[];
  /** The version that answers; undefined: none does. */
  readonly champion?: ModelVersion | undefined;
  /** What is wrong with the model as a whole, e.g. a broken aliases.json. */
  readonly reason?: string | undefined;
}

/** As people count: iris-2 before iris-10. */
const { compare } = new Intl.Collator('en', { numeric: true });

/** Opens a version that is on disk alone. */
type OpenVersion = (model: string, version: string) => Promise<ModelVersion>;

/**
 * Every model that there is, usable or not. One writer (the follower of the artifact folder) puts whole states in;
 * readers never wait, and get one state or the next.
 */
@Injectable()
export class ModelRegistry {
  private readonly models = new Map<string, ModelState>();
  /** Looked up for every request; holds the usable champions only. */
  private readonly champions = new Map<string, ModelVersion>();
  /** Sorted when it is asked for after a change. */
  private inOrder: readonly ModelState[] | undefined;
  private openVersion: OpenVersion | undefined;
  /** Grows with every change: what is made from the models is made anew when it has grown. */
  changes = 0;
  /** Whether every model that was there at the start has been looked at. */
  hasStarted = false;

  set(state: ModelState): void {
    if (isSame(this.models.get(state.name), state)) return;
    this.models.set(state.name, state);
    this.inOrder = undefined;
    if (state.champion === undefined) this.champions.delete(state.name);
    else this.champions.set(state.name, state.champion);
    this.changes++;
  }

  delete(name: string): void {
    if (!this.models.delete(name)) return;
    this.champions.delete(name);
    this.inOrder = undefined;
    this.changes++;
  }

  /** In order of name, numbers by their value. */
  all(): readonly ModelState[] {
    // 01 and 1 are the same number, and still one before the other.
    this.inOrder ??= [...this.models.values()].toSorted(
      ({ name: a }, { name: b }) => compare(a, b) || (a < b ? -1 : 1),
    );
    return this.inOrder;
  }

  /** Champions that answer, or would if they could be recorded; in order of name. */
  usable(): readonly ModelVersion[] {
    return this.all().flatMap(({ champion }) => champion ?? []);
  }

  /** Names of the models whose champion does not answer, though others may. */
  unready(): readonly string[] {
    return this.all()
      .filter(({ champion }) => !champion?.isAnswering)
      .map(({ name }) => name);
  }

  has(name: string): boolean {
    return this.models.has(name);
  }

  /** @throws ModelNotFound */
  state(name: string): ModelState {
    const state = this.models.get(name);
    if (state === undefined) throw new ModelNotFound(name);
    return state;
  }

  /** The version that answers, if one does. */
  championOf(name: string): ModelVersion | undefined {
    return this.champions.get(name);
  }

  /** @throws ModelNotFound, ModelNotReady */
  champion(name: string): ModelVersion {
    const champion = this.champions.get(name);
    if (champion !== undefined) return champion;
    const { versions } = this.state(name);
    throw new ModelNotReady(
      name,
      versions.some(({ phase }) => phase === 'loading'),
    );
  }

  /** What is known of a version, loaded or not. @throws ModelNotFound, VersionNotFound */
  versionState(name: string, version: string): VersionState {
    const found = this.state(name).versions.find((each) => each.version === version);
    if (found === undefined) throw new VersionNotFound(name, version);
    return found;
  }

  /**
   * A version by its number; a promise where it has to be opened first, or is on its way.
   * @throws ModelNotFound, VersionNotFound
   */
  version(name: string, version: string): ModelVersion | Promise<ModelVersion> {
    const found = this.versionState(name, version);
    if (found.loaded !== undefined) return found.loaded;
    if (found.phase === 'refused' || this.openVersion === undefined) throw new VersionNotFound(name, version);
    return this.openVersion(name, version);
  }

  /** Says who opens versions that are on disk alone. */
  opensBy(open: OpenVersion): void {
    this.openVersion = open;
  }
}

/** Whether two states say the same, and by the same loaded versions. */
function isSame(one: ModelState | undefined, other: ModelState): boolean {
  if (one?.versions.length !== other.versions.length || one.champion !== other.champion) return false;
  const isLoadedAlike = one.versions.every(({ loaded }, index) => loaded === other.versions[index]!.loaded);
  return isLoadedAlike && textOf(one) === textOf(other);
}

function textOf({ aliases, versions, reason }: ModelState): string {
  return JSON.stringify([
    aliases,
    versions.map(({ version, phase, reason: why, isGone }) => [version, phase, why, isGone]),
    reason,
  ]);
}
