import type { ClassSpec, InputSpec, Manifest, TargetSpec } from '../../artifacts/manifest.js';
import type { ModelState, VersionPhase, VersionState } from '../../models/model-registry.js';
import { oneLine } from '../../pages/one-line.js';

export interface VersionView {
  readonly version: string;
  readonly state: VersionPhase;
  readonly sha256?: string;
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
  readonly state: 'ready' | 'loading' | 'refused';
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
  const isLoading = versions.some(({ phase }) => phase === 'loading');
  return {
    name,
    version: champion?.manifest.version ?? aliases['champion'] ?? '',
    versions: versions.map(versionView),
    state: champion !== undefined ? 'ready' : isLoading ? 'loading' : 'refused',
    task: champion?.manifest.task ?? null,
    sha256: champion?.digest ?? null,
    ...(champion && { description: oneLine(champion.manifest.description) }),
    ...(reason !== undefined && { reason }),
  };
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
    ...(loaded && { sha256: loaded.digest }),
    ...(reason !== undefined && { reason }),
  };
}
