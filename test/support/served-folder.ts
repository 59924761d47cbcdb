import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { ArtifactCopy, copyTurnover } from './artifacts.js';
import { type Server, startServer } from './server.js';
import { temporaryFolder } from './temporary-folder.js';

/** A model as `GET /models/<model>` tells it. */
export interface ToldModel {
  readonly version: string;
  readonly state: string;
  readonly aliases: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly versions: readonly {
    readonly version: string;
    readonly state: string;
    readonly reason?: string;
  }[];
}

/** An artifact folder with turnover/1, and servers that follow it. */
export class ServedFolder {
  readonly root = temporaryFolder();
  readonly model = join(this.root, 'turnover');
  /** On the same file system: a rename from here is how a whole folder appears. */
  private readonly outside = temporaryFolder();

  constructor() {
    copyTurnover({ root: this.root });
  }

  serve(
    settings: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<Server> {
    return startServer({ ARTIFACTS_DIR: this.root, ...settings }, { nodeOptions });
  }

  /** A version beside the folder, to be changed before it is dropped. */
  make(version: string): ArtifactCopy {
    const root = join(this.outside, String(performance.now()));
    mkdirSync(root);
    return copyTurnover({ root, version });
  }

  /** Puts it into the folder as one whole. */
  drop(copy: ArtifactCopy): void {
    renameSync(copy.folder, join(this.model, copy.version));
  }

  /** Takes a folder below the model away, or the model itself. @returns what puts it back. */
  remove(...path: string[]): () => void {
    const from = join(this.model, ...path);
    const to = join(this.outside, `removed-${performance.now()}`);
    renameSync(from, to);
    return () => renameSync(to, from);
  }
}

/** Asks until the server tells of turnover what is expected. */
export async function untilTold(server: Server, isSo: (model: ToldModel) => boolean): Promise<ToldModel> {
  for (;;) {
    const reply = await fetch(`${server.url}/models/turnover`);
    const told = (await reply.json()) as ToldModel;
    if (reply.ok && isSo(told)) return told;
    await after(20);
  }
}

/** The state of a version, with its reason where it has one; undefined where it is not told of. */
export function stateOf({ versions }: ToldModel, version: string): string | undefined {
  const found = versions.find((each) => each.version === version);
  return found && [found.state, found.reason].filter(Boolean).join(': ');
}
