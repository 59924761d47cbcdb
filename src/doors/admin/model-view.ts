import type { ClassSpec, InputSpec, Manifest } from '../../artifacts/manifest.js';
import { championOf, type ModelState, type VersionState } from '../../models/model-registry.js';

type State = 'ready' | 'refused';

interface VersionView {
  readonly version: string;
  readonly state: State;
  readonly sha256?: string;
  readonly reason?: string;
}

/** A model as `GET /models` lists it; `version` is the champion. */
export interface ModelSummary {
  readonly name: string;
  readonly version: string;
  readonly versions: readonly VersionView[];
  readonly state: State;
  readonly task: Manifest['task'] | null;
  readonly sha256: string | null;
}

export interface ModelDetails extends ModelSummary {
  readonly aliases: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly authors?: readonly string[];
  readonly license?: string;
  readonly created?: string;
  readonly inputs?: readonly InputSpec[];
  readonly classes?: readonly ClassSpec[];
  readonly metrics?: Readonly<Record<string, number>>;
  readonly training?: Readonly<Record<string, unknown>>;
}

export function modelSummary(state: ModelState): ModelSummary {
  const champion = championOf(state)?.loaded;
  return {
    name: state.name,
    version: state.aliases['champion'] ?? '',
    versions: state.versions.map(versionView),
    state: champion === undefined ? 'refused' : 'ready',
    task: champion?.manifest.task ?? null,
    sha256: champion?.digest ?? null,
  };
}

/** The summary, and of the champion's manifest what a caller can use. */
export function modelDetails(state: ModelState): ModelDetails {
  const manifest = championOf(state)?.loaded?.manifest;
  const summary = { ...modelSummary(state), aliases: state.aliases };
  if (manifest === undefined) return summary;
  const { description, authors, license, created, inputs, classes, metrics, training } = manifest;
  return {
    ...summary,
    description,
    authors,
    license,
    created,
    inputs,
    ...(classes && { classes }),
    metrics,
    training,
  };
}

function versionView({ version, loaded, reason }: VersionState): VersionView {
  if (loaded !== undefined) return { version, state: 'ready', sha256: loaded.digest };
  return { version, state: 'refused', ...(reason !== undefined && { reason }) };
}
