import type { Siblings } from '../channel/siblings.js';
import type { ArtifactFollower } from './artifact-follower.js';
import type { ModelVersion } from './model-version.js';
import type { Passed } from './version-life.js';

const LOOK = 'look at a model';
const OPEN = 'open a version';
/** Others open a version within this time, or nobody waits for them. */
const OPEN_MS = 20_000;

/** A model that others are to look at, and the version of it that needs no check there. */
interface Seen {
  readonly model: string;
  readonly passed: Passed | undefined;
}

/**
 * The follower of the artifact folder in this process and in every other worker of the server: what is looked at or opened
 * here is so in all of them when it resolves, so that a call that comes after is answered alike, whoever takes it.
 */
export class EveryWorker {
  constructor(
    private readonly follower: Pick<ArtifactFollower, 'look' | 'open'>,
    private readonly siblings: Pick<Siblings, 'pass'>,
  ) {}

  /** As `ArtifactFollower.look`. */
  async look(model: string, passed?: Passed): Promise<void> {
    await this.follower.look(model, passed);
    const seen: Seen = { model, passed };
    await this.siblings.pass(LOOK, seen);
  }

  /** As `ArtifactFollower.open`. What passes here need not be checked by others. @throws VersionNotFound */
  async open(model: string, version: string): Promise<ModelVersion> {
    const opened = await this.follower.open(model, version);
    const seen: Seen = { model, passed: { version, secondsPerRow: opened.secondsPerRow } };
    await this.siblings.pass(OPEN, seen, OPEN_MS);
    return opened;
  }
}

/** Does what other workers ask of the follower of this one, as soon as it has `started`. */
export function hearOthers(
  siblings: Pick<Siblings, 'on'>,
  follower: Pick<ArtifactFollower, 'look' | 'open' | 'namedHaveCome'>,
  started: Promise<void>,
): void {
  const look = async ({ model, passed }: Seen): Promise<void> => {
    await started;
    await follower.look(model, passed);
    // It has opened them before, but where it was just being started.
    await follower.namedHaveCome(model);
  };
  siblings.on(LOOK, look);
  siblings.on(OPEN, async (seen: Seen) => {
    await look(seen);
    await follower.open(seen.model, seen.passed!.version);
  });
}
