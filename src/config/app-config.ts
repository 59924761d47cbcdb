import { type Fault, StartupFault } from '../errors/startup-fault.js';
import { readEnvFile } from './env-file.js';
import { type Setting, type SettingName, SETTINGS, type Stage, STAGES } from './settings.js';
import { unsafeSettings } from './unsafe-settings.js';
import { type Environment, unknownSettings } from './unknown-settings.js';

type Values = { readonly [K in SettingName]: ReturnType<(typeof SETTINGS)[K]['parse']> };

/** Every setting, read once at start, checked and frozen. The class is its own injection token. */
export class AppConfig implements Values {
  readonly stage!: Values['stage'];
  readonly host!: Values['host'];
  readonly port!: Values['port'];
  readonly managementPort!: Values['managementPort'];
  readonly artifactsDir!: Values['artifactsDir'];
  readonly maxArtifactBytes!: Values['maxArtifactBytes'];
  readonly auth!: Values['auth'];
  readonly apiKeysFile!: Values['apiKeysFile'];
  readonly jwtIssuer!: Values['jwtIssuer'];
  readonly jwtAudience!: Values['jwtAudience'];
  readonly jwtJwksUrl!: Values['jwtJwksUrl'];
  readonly jwtJwksMaxAgeSeconds!: Values['jwtJwksMaxAgeSeconds'];
  readonly maxBodyBytes!: Values['maxBodyBytes'];
  readonly admissionBytes!: Values['admissionBytes'];
  readonly shutdownDelayMs!: Values['shutdownDelayMs'];
  readonly workers!: Values['workers'];
  readonly requestTimeoutMs!: Values['requestTimeoutMs'];
  readonly inferenceBudgetMs!: Values['inferenceBudgetMs'];
  readonly inferenceProcesses!: Values['inferenceProcesses'];
  readonly inferenceThreads!: Values['inferenceThreads'];
  readonly inferenceMemoryBytes!: Values['inferenceMemoryBytes'];
  readonly logLevel!: Values['logLevel'];
  readonly logFormat!: Values['logFormat'];
  readonly logDir!: Values['logDir'];
  readonly predictionLogDir!: Values['predictionLogDir'];
  readonly predictionLogDurability!: Values['predictionLogDurability'];
  readonly predictionLogFileBytes!: Values['predictionLogFileBytes'];
  readonly predictionLogInputs!: Values['predictionLogInputs'];
  readonly predictionLogHashKeyFile!: Values['predictionLogHashKeyFile'];
  readonly predictionLogSealKeyFile!: Values['predictionLogSealKeyFile'];
  readonly stateDir!: Values['stateDir'];
  readonly stateDatabaseUrl!: Values['stateDatabaseUrl'];
  readonly windowSeconds!: Values['windowSeconds'];
  readonly retrainOn!: Values['retrainOn'];
  readonly trainingLeaseSeconds!: Values['trainingLeaseSeconds'];
  readonly trainingPython!: Values['trainingPython'];
  readonly trainingData!: Values['trainingData'];
  readonly docsEnabled!: Values['docsEnabled'];
  readonly corsOrigins!: Values['corsOrigins'];

  private constructor(values: Values) {
    Object.freeze(Object.assign(this, values));
  }

  /**
   * Reads the process environment over the `.env` file of the working folder, if there is one.
   * @throws StartupFault that lists every bad and every unknown setting, or says why `.env` cannot be read.
   */
  static load(): AppConfig {
    return AppConfig.from(process.env, readEnvFile());
  }

  /** The process environment, for the commands that build an application with settings of their own. */
  static environment(): Environment {
    return process.env;
  }

  /** As `load`, from given variables: `environment` wins over `file`; an empty text counts as not set. */
  static from(environment: Environment, file: Environment = {}): AppConfig {
    const faults = [...unknownSettings(environment, file), ...missingStage(environment, file)];
    const read = <T>({ key, parse, fallback }: Setting<T>, stage: Stage): T => {
      const given = environment[key] || file[key];
      try {
        return parse(given || fallback(stage));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        faults.push({ what: `${key} is "${withoutPassword(given!)}"`, mend: `${key} ${error.message}` });
        return parse(fallback(stage));
      }
    };
    const stage = read(SETTINGS.stage, 'development');
    const values = Object.fromEntries(
      Object.entries<Setting<unknown>>(SETTINGS)
        .filter(([name]) => name !== 'stage')
        .map(([name, setting]) => [name, read(setting, stage)]),
    ) as Omit<Values, 'stage'>;
    const isGiven = (key: string): boolean => Boolean(environment[key] || file[key]);
    const isRecordDirGiven = isGiven(SETTINGS.predictionLogDir.key);
    faults.push(
      ...unsafeSettings({ ...values, stage, isRecordDirGiven }),
      ...halfAnIssuer(isGiven),
      ...withoutKeys(values, isGiven(SETTINGS.auth.key)),
      ...portTwice(values),
      ...hashesWithoutKey(values),
    );
    if (faults.length > 0) throw new StartupFault(faults);
    return new AppConfig({ ...values, stage });
  }
}

/** Faults are printed, and an address may have a password in it. */
const withoutPassword = (text: string): string => text.replace(/(\/\/[^/:@]*:)[^/]*@/, '$1…@');

/** Only a developer's machine may leave the stage out; the image is none, and says so by its NODE_ENV. */
function missingStage(environment: Environment, file: Environment): Fault[] {
  const { key } = SETTINGS.stage;
  if (environment['NODE_ENV'] !== 'production' || environment[key] || file[key]) return [];
  return [
    {
      what: `${key} is not set and NODE_ENV is production`,
      mend: `set ${key} to one of ${STAGES.join(', ')}; Nestor's image has no stage of its own`,
    },
  ];
}

/** A token is taken by what all three say together. */
function halfAnIssuer(isGiven: (key: string) => boolean): Fault[] {
  const keys = [SETTINGS.jwtIssuer.key, SETTINGS.jwtAudience.key, SETTINGS.jwtJwksUrl.key];
  const missing = keys.filter((key) => !isGiven(key));
  if (missing.length === keys.length) return [];
  const mend = `set all of ${keys.join(', ')} to take tokens of an issuer, or none of them`;
  return missing.map((key) => ({ what: `${key} is not set, and others of the issuer are`, mend }));
}

/** Where callers need keys there must be some, or an issuer. */
function withoutKeys({ auth, apiKeysFile, jwtIssuer }: Omit<Values, 'stage'>, isGiven: boolean): Fault[] {
  if (auth !== 'required' || apiKeysFile !== '' || jwtIssuer !== '') return [];
  const since = '; since this release that is so in acceptance and production unless AUTH says otherwise';
  return [
    {
      what: `callers need keys (AUTH is required), and neither API_KEYS_FILE nor JWT_ISSUER is set${isGiven ? '' : since}`,
      mend: 'run npx nestor key create --name <who> --scopes predict --file keys.json, and set API_KEYS_FILE=keys.json ("Keys" in docs/operator.md)',
    },
  ];
}

function hashesWithoutKey({ predictionLogInputs, predictionLogHashKeyFile }: Omit<Values, 'stage'>): Fault[] {
  if (predictionLogHashKeyFile !== '' || ![...predictionLogInputs.values()].includes('hash')) return [];
  return [
    {
      what: 'PREDICTION_LOG_INPUTS hashes inputs and PREDICTION_LOG_HASH_KEY_FILE is not set',
      mend: 'let PREDICTION_LOG_HASH_KEY_FILE name a file of at least 32 random bytes, or drop the inputs',
    },
  ];
}

function portTwice({ port, managementPort }: Pick<Values, 'port' | 'managementPort'>): Fault[] {
  if (port === 0 || managementPort !== port) return [];
  return [
    {
      what: `MANAGEMENT_PORT is ${port}, and so is PORT`,
      mend: 'set MANAGEMENT_PORT to another port, or leave it out',
    },
  ];
}
