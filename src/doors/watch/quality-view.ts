import type { Manifest } from '../../artifacts/manifest.js';
import type { EstimatedQuality } from '../../watch/estimated-quality.js';
import type { ErrorWatch } from '../../watch/error-watch.js';
import type { MeasuredQuality } from '../../watch/measured-quality.js';
import { type HoldoutFigure, holdoutFigure } from '../../watch/quality.js';

/** What labels say. */
export interface MeasuredView extends Omit<MeasuredQuality, 'errors'> {
  readonly errors: Pick<ErrorWatch, 'status'> & { readonly since: string | null };
}

/** What `GET /models/<model>/quality` answers. */
export interface QualityView {
  readonly model: string;
  readonly version: string;
  /** Labels in the order of `confusion`; null for numbers. */
  readonly classes: readonly string[] | null;
  readonly holdout: HoldoutFigure | null;
  readonly measured: MeasuredView | null;
  readonly estimated: EstimatedQuality | null;
}

/** How right a version is. */
export function qualityView(
  manifest: Manifest,
  measured: MeasuredQuality | null,
  estimated: EstimatedQuality | null,
): QualityView {
  const { model, version, classes } = manifest;
  return {
    model,
    version,
    classes: classes?.map(({ label }) => label) ?? null,
    holdout: holdoutFigure(manifest),
    measured: measured && { ...measured, errors: told(measured.errors) },
    estimated,
  };
}

function told({ status, since }: ErrorWatch): MeasuredView['errors'] {
  return { status, since: since === null ? null : new Date(since).toISOString() };
}
