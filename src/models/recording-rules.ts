import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { AppConfig } from '../config/app-config.js';
import { readSecret } from '../files/secret-file.js';
import type { HiddenInputs } from '../inputs/hidden-inputs.js';
import { InputHash } from '../pipeline/input-hash.js';
import { RecordedRows } from '../pipeline/recorded-rows.js';

const LEAST_KEY_BYTES = 32;

/** What records keep of the inputs of every model: what manifests say, unless the operator says otherwise. */
export class RecordingRules {
  private constructor(
    private readonly byOperator: AppConfig['predictionLogInputs'],
    private readonly hash: InputHash | undefined,
  ) {}

  /** @throws StartupFault where the key of the hashes cannot be used */
  static from({ predictionLogInputs, predictionLogHashKeyFile: path }: AppConfig): RecordingRules {
    const howMade = `(umask 077; head -c ${LEAST_KEY_BYTES} /dev/urandom > ${path})`;
    const key =
      path === '' ? undefined : readSecret('PREDICTION_LOG_HASH_KEY_FILE', path, howMade, LEAST_KEY_BYTES);
    return new RecordingRules(predictionLogInputs, key && new InputHash(key));
  }

  /** What is hidden of the rows of a version. */
  hidden({ model, inputs }: Pick<Manifest, 'model' | 'inputs'>): HiddenInputs {
    const hidden = inputs.flatMap(({ name, record = 'keep' }) => {
      const how = this.byOperator.get(`${model}.${name}`) ?? record;
      return how === 'keep' ? [] : [[name, how] as const];
    });
    return new Map(hidden);
  }

  /** What the operator hides of a model, whatever its versions say; some names may be no inputs of it. */
  hiddenByOperator(model: string): HiddenInputs {
    const [begin, all] = [`${model}.`, [...this.byOperator]];
    return new Map(
      all.flatMap(([name, how]) => (name.startsWith(begin) ? [[name.slice(begin.length), how]] : [])),
    );
  }

  /** @throws ArtifactFault where an input is to be hashed and there is no key */
  of(manifest: Pick<Manifest, 'model' | 'inputs'>): RecordedRows {
    const { model } = manifest;
    const hidden = this.hidden(manifest);
    if (hidden.size === 0) return RecordedRows.WHOLE;
    const [hashed] = [...hidden].find(([, how]) => how === 'hash') ?? [];
    if (hashed !== undefined && this.hash === undefined)
      throw new ArtifactFault(
        `its records hash the input "${hashed}", and this server has no key for that: let PREDICTION_LOG_HASH_KEY_FILE name one, or drop the input by PREDICTION_LOG_INPUTS=${model}.${hashed}=drop`,
      );
    return new RecordedRows(hidden, model, this.hash);
  }

  /** The names in PREDICTION_LOG_INPUTS that are inputs of none of these models. */
  unknownAmong(manifests: Iterable<Pick<Manifest, 'model' | 'inputs'>>): string[] {
    const known = new Set<string>();
    for (const { model, inputs } of manifests) for (const { name } of inputs) known.add(`${model}.${name}`);
    return [...this.byOperator.keys()].filter((name) => !known.has(name));
  }
}
