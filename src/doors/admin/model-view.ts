import type { ClassSpec, InputSpec, Manifest, TargetSpec } from '../../artifacts/manifest.js';
import type { RunPlace } from '../../models/run-place.js';
import type { ModelState, VersionPhase, VersionState } from '../../models/model-registry.js';
import { oneLine } from '../../pages/one-line.js';

export interface VersionView {
  readonly version: string;
  readonly state: VersionPhase;
  readonly sha256?: string;
  /** Of a loaded one: whether its graph runs in the server, or in how many processes of its own. */
  readonly runs_in?: RunPlace['runs_in'];
  readonly processes?: number;
  /** CPU time, where it is the reason for them. */
  readonly ms_per_row?: number;
  readonly reason?: string;
}

/** One version; `manifest` where it can be served. */
export interface VersionDetails extends VersionView {
  readonly model: string;
  readonly content_sha256?: string;
  readonly manifest?: Manifest;
}

/** A model as `GET /models` lists it; `version` is the champion. */
export interface ModelSummary {
  readonly name: string;
  readonly version: string;
  readonly versions: readonly VersionView[];
  readonly state: 'ready' | 'failing' | 'loading' | 'refused';
  readonly task: Manifest['task'] | null;
  readonly sha256: string | null;
  /** What the champion predicts; here in a line, in the details as its manifest says it. */
  readonly description?: string;
  /** What is wrong with the model as a whole. */
  readonly reason?: string;
}

export interface ModelDetails extends ModelSummary {
  readonly aliases: Readonly<Record<string, string>>;
  readonly authors?: readonly string[];
  readonly license?: string;
  readonly created?: string;
  readonly inputs?: readonly InputSpec[];
  readonly classes?: readonly ClassSpec[];
  readonly targets?: readonly TargetSpec[];
  readonly metrics?: Readonly<Record<string, number>>;
  readonly training?: Readonly<Record<string, unknown>>;
}

export function modelSummary({ name, aliases, versions, champion, reason }: ModelState): ModelSummary {
  return {
    name,
    version: champion?.manifest.version ?? aliases['champion'] ?? '',
    versions: versions.map(versionView),
    state: stateOf(versions, champion),
    task: champion?.manifest.task ?? null,
    sha256: champion?.digest ?? null,
    ...(champion && { description: oneLine(champion.manifest.description) }),
    ...(reason !== undefined && { reason }),
  };
}

/** Of the champion whether it answers; without one, whether there may be one soon. */
function stateOf(versions: ModelState['versions'], champion: ModelState['champion']): ModelSummary['state'] {
  if (champion !== undefined)
    return versions.some(({ loaded, phase }) => loaded === champion && phase === 'failing')
      ? 'failing'
      : 'ready';
  return versions.some(({ phase }) => phase === 'loading') ? 'loading' : 'refused';
}

/** The summary, and of the champion's manifest what a caller can use. */
export function modelDetails(state: ModelState): ModelDetails {
  const summary = { ...modelSummary(state), aliases: state.aliases };
  if (state.champion === undefined) return summary;
  const { description, authors, license, created, inputs, classes, targets, metrics, training } =
    state.champion.manifest;
  return {
    ...summary,
    description,
    authors,
    license,
    created,
    inputs,
    ...(classes && { classes }),
    ...(targets && { targets }),
    metrics,
    training,
  };
}

export function versionDetails(model: string, state: VersionState, manifest?: Manifest): VersionDetails {
  return {
    model,
    ...versionView(state),
    ...(state.loaded && { content_sha256: state.loaded.contentDigest }),
    ...(manifest && { manifest }),
  };
}

function versionView({ version, phase, loaded, reason }: VersionState): VersionView {
  return {
    version,
    state: phase,
    ...(loaded && { sha256: loaded.digest, ...loaded.place }),
    ...(reason !== undefined && { reason }),
  };
}
