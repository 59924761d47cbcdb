import type { HiddenInputs } from '../inputs/hidden-inputs.js';
import type { RecordingRules } from '../models/recording-rules.js';
import type { VersionFiles } from '../models/version-files.js';
import type { StateDatabase } from '../state/state-database.js';
import type { StoredLabel } from '../state/stored-feedback.js';

/** So many are held at once. */
const PAGE = 200;

/** Predicted rows with what turned out to be true of them, as lines of JSON. */
export class LabelledRows {
  constructor(
    private readonly state: StateDatabase,
    private readonly versions: Pick<VersionFiles, 'manifest'>,
    private readonly rules: Pick<RecordingRules, 'hidden' | 'hiddenByOperator'>,
  ) {}

  /**
   * Those of a model that were given a value at or after a time, in the order in which they were. Inputs that are hidden now are
   * named and left out, also of rows that were recorded with them. The first page is read before this resolves.
   * @throws StateUnavailable
   */
  async of(model: string, since: number): Promise<AsyncIterableIterator<string>> {
    // The first of a millisecond: no id is shorter than the empty one.
    const first = await this.state.run('labelsOf', { model, given: since, id: '', limit: PAGE });
    return this.pagesFrom(model, first);
  }

  private async *pagesFrom(model: string, first: readonly StoredLabel[]): AsyncIterableIterator<string> {
    const hidden = new Map<string, HiddenInputs>();
    for (let page = first; page.length > 0;) {
      for (const { version } of page)
        if (!hidden.has(version)) hidden.set(version, await this.hidden(model, version));
      yield page.map((label) => lineOf(label, hidden.get(label.version)!)).join('');
      const { given, prediction_id: id } = page.at(-1)!;
      page = page.length < PAGE ? [] : await this.state.run('labelsOf', { model, given, id, limit: PAGE });
    }
  }

  /** Of a version that is not here any more, what the operator hides of its model. */
  private async hidden(model: string, version: string): Promise<HiddenInputs> {
    try {
      return this.rules.hidden(await this.versions.manifest(model, version));
    } catch {
      return this.rules.hiddenByOperator(model);
    }
  }
}

/** Texts of JSON stay as they are, where nothing is hidden. */
function lineOf(label: StoredLabel, hidden: HiddenInputs): string {
  const { prediction_id, version, predicted, given, inputs, value } = label;
  const times = `"time":"${timeText(predicted)}","given":"${timeText(given)}"`;
  const row = hidden.size === 0 ? `"inputs":${inputs}` : rest(inputs, hidden);
  return `{"prediction_id":"${prediction_id}","version":${JSON.stringify(version)},${times},${row},"label":${value}}\n`;
}

function rest(inputs: string, hidden: HiddenInputs): string {
  const all = Object.entries(JSON.parse(inputs) as Record<string, unknown>);
  const shown = Object.fromEntries(all.filter(([name]) => !hidden.has(name)));
  return `"inputs":${JSON.stringify(shown)},"hidden":${JSON.stringify([...hidden.keys()])}`;
}

const timeText = (milliseconds: number): string => new Date(milliseconds).toISOString();
