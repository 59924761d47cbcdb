/** The stages of the DTAP street; a stage selects defaults and nothing else. */
export const STAGES = ['development', 'test', 'acceptance', 'production'] as const;
export type Stage = (typeof STAGES)[number];

/** One setting: its text in the environment becomes a value of type T, or a `RangeError` that says what is allowed. */
export interface Setting<T> {
  readonly key: string;
  readonly why: string;
  readonly parse: (text: string) => T;
  /** The value as it would be written in the environment; it goes through `parse` like any other. */
  readonly fallback: (stage: Stage) => string;
}

function oneOf<const T extends string>(...allowed: T[]): (text: string) => T {
  return (text) => {
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new RangeError(`must be one of ${allowed.join(', ')}`);
    return found;
  };
}

function wholeNumber(minimum: number, maximum: number, orElse = ''): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum && value <= maximum)) {
      throw new RangeError(`must be ${orElse}a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

function origins(text: string): '*' | readonly string[] {
  if (text === '*') return '*';
  if (text === 'none') return [];
  const list = text.split(',').map((origin) => origin.trim());
  if (!list.every(isOrigin)) {
    throw new RangeError(
      'must be *, none, or origins such as https://app.example.com separated by commas, each as a browser sends it: without path, wildcard or default port, in small letters',
    );
  }
  return list;
}

/** Whether a browser may send it: origins are compared letter by letter, so another way to write one has no effect. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text;
}

function postgresUrl(text: string): string {
  if (text === '' || (/^postgres(?:ql)?:\/\/[^/]/.test(text) && URL.canParse(text))) return text;
  throw new RangeError(
    'must be the address of a PostgreSQL database, such as postgres://user:password@host/database',
  );
}

/** What is fetched decides who may call, so nobody on the way may change it. */
function keysUrl(text: string): string {
  const { protocol, hostname, username, password } = (URL.parse(text) ?? {}) as Partial<URL>;
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname!));
  if (text === '' || (isSafe && username === '' && password === '')) return text;
  throw new RangeError(
    'must be an address such as https://issuer.example/keys, without a password in it; http is taken of this machine alone (127.0.0.1, localhost)',
  );
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** More new labels are not counted. */
export const MOST_NEW_LABELS = 100_000;

/** What may ask for a training by itself. */
export interface RetrainOn {
  readonly drift: boolean;
  readonly quality: boolean;
  /** So many new labels do; undefined: however many there are, they do not. */
  readonly labels: number | undefined;
}

function retrainOn(text: string): RetrainOn {
  const words = text === '' ? [] : text.split(',').map((word) => word.trim());
  const isCount = (word: string): boolean =>
    /^labels=[1-9]\d{0,5}$/.test(word) && Number(word.slice('labels='.length)) <= MOST_NEW_LABELS;
  const counts = words.filter(isCount);
  const isKnown = (word: string): boolean => word === 'drift' || word === 'quality' || counts.includes(word);
  if (!words.every(isKnown) || new Set(words).size < words.length || counts.length > 1)
    throw new RangeError(
      'must be empty, or a list separated by commas of drift, quality and labels=<n> (100000 at most), such as drift,labels=1000',
    );
  return {
    drift: words.includes('drift'),
    quality: words.includes('quality'),
    labels: counts[0] === undefined ? undefined : Number(counts[0].slice('labels='.length)),
  };
}

/** What records keep of inputs where it is not their values, by `<model>.<input>`: names may hold dots, so the two stay together. */
export type HiddenByOperator = ReadonlyMap<string, 'hash' | 'drop'>;

function hiddenInputs(text: string): HiddenByOperator {
  const said = text === '' ? [] : text.split(',').map((each) => each.trim());
  const pairs = said.map((each) => /^([a-z0-9][a-z0-9._-]*\.[^=]+)=(hash|drop)$/.exec(each));
  const hidden = new Map(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] as 'hash' | 'drop']));
  if (pairs.includes(null) || hidden.size < said.length)
    throw new RangeError(
      'must be empty, or a list separated by commas of <model>.<input>=hash and <model>.<input>=drop, each input once, such as loan.income=hash,loan.name=drop',
    );
  return hidden;
}

/** `auto` is left for whoever knows the limits of the container (`limits.ts`). */
function autoOrWhole(minimum: number, maximum: number): (text: string) => number | 'auto' {
  const parse = wholeNumber(minimum, maximum, 'auto or ');
  return (text) => (text === 'auto' ? text : parse(text));
}

const text = (value: string): string => value;
const boolean = (value: string): boolean => oneOf('true', 'false')(value) === 'true';
const isOpen = (stage: Stage): boolean => stage === 'development' || stage === 'test';

/** Every setting of Nestor. `.env.example` lists the same keys; a test keeps both in step. */
export const SETTINGS = {
  stage: {
    key: 'APP_STAGE',
    why: 'Stage of the DTAP street; selects the defaults below. Must be set where NODE_ENV is production, as in the image.',
    parse: oneOf(...STAGES),
    fallback: () => 'development',
  },
  host: {
    key: 'HOST',
    why: 'Address to listen on: loopback on a developer machine, every address of both families elsewhere.',
    parse: text,
    fallback: (stage) => (stage === 'development' ? '127.0.0.1' : '::'),
  },
  port: {
    key: 'PORT',
    why: 'TCP port to listen on; 0 takes a free one.',
    parse: wholeNumber(0, 65_535),
    fallback: () => '3000',
  },
  managementPort: {
    key: 'MANAGEMENT_PORT',
    why: 'Port of its own for health, metrics, documentation and whatever needs admin, train, runner or audit, which PORT then answers with 404; 0 takes a free one. Empty: PORT answers all.',
    parse: (given) => (given === '' ? undefined : wholeNumber(0, 65_535, 'empty, or ')(given)),
    fallback: () => '',
  },
  artifactsDir: {
    key: 'ARTIFACTS_DIR',
    why: 'Folder of the models: <model>/<version>/.',
    parse: text,
    fallback: () => 'artifacts',
  },
  maxArtifactBytes: {
    key: 'MAX_ARTIFACT_BYTES',
    why: 'Largest version that may be pushed, as a tar, packed and unpacked; larger ones get 413.',
    parse: wholeNumber(65_536, 1_099_511_627_776),
    fallback: () => '268435456',
  },
  auth: {
    key: 'AUTH',
    why: 'required: callers need a key of API_KEYS_FILE, or a token of JWT_ISSUER. Empty, in development and test: they need none, but only this machine may change models. off: whoever reaches the port may.',
    parse: (text) => (text === '' ? 'local' : oneOf('off', 'required')(text)),
    fallback: (stage) => (isOpen(stage) ? '' : 'required'),
  },
  apiKeysFile: {
    key: 'API_KEYS_FILE',
    why: 'File of the keys, which `npx nestor key create` writes; changes are taken within 5 s.',
    parse: text,
    fallback: () => '',
  },
  jwtIssuer: {
    key: 'JWT_ISSUER',
    why: 'Whose tokens (JWT) are taken beside keys: what stands in them as iss, letter by letter. Set all three, or none.',
    parse: text,
    fallback: () => '',
  },
  jwtAudience: {
    key: 'JWT_AUDIENCE',
    why: 'For whom those tokens must be: what stands in them as aud, alone or among others.',
    parse: text,
    fallback: () => '',
  },
  jwtJwksUrl: {
    key: 'JWT_JWKS_URL',
    why: 'Where the issuer publishes its keys (JSON Web Key Set); https, or http on this machine.',
    parse: keysUrl,
    fallback: () => '',
  },
  jwtJwksMaxAgeSeconds: {
    key: 'JWT_JWKS_MAX_AGE_SECONDS',
    why: 'Rarely set. For so long its keys are used while the issuer cannot be reached; after that its tokens get 503.',
    parse: wholeNumber(1, 31_536_000),
    fallback: () => '86400',
  },
  maxBodyBytes: {
    key: 'MAX_BODY_BYTES',
    why: 'Largest request body; larger ones get 413. 16 MiB holds 10,000 rows with room to spare.',
    parse: wholeNumber(1_024, 1_073_741_824),
    fallback: () => '16777216',
  },
  admissionBytes: {
    key: 'ADMISSION_BYTES',
    why: 'Rarely set. Bytes that may be held for requests before they get 503; auto: a quarter of the memory limit of the container, or of the machine, shared out among the workers.',
    parse: autoOrWhole(1_048_576, 1_099_511_627_776),
    fallback: () => 'auto',
  },
  shutdownDelayMs: {
    key: 'SHUTDOWN_DELAY_MS',
    why: 'For so long after SIGTERM everything is served on, but the server is not called ready, so that balancers turn away.',
    parse: wholeNumber(0, 600_000),
    fallback: () => '0',
  },
  workers: {
    key: 'WORKERS',
    why: 'Processes that serve; auto: one for each whole processor of the container, with 300 MB of its memory at least. On Kubernetes leave 1 and add pods.',
    parse: autoOrWhole(1, 64),
    fallback: () => '1',
  },
  requestTimeoutMs: {
    key: 'REQUEST_TIMEOUT_MS',
    why: 'An answer that is not ready after so long is 504; callers may ask for less by the header x-request-timeout-ms.',
    parse: wholeNumber(1, 3_600_000),
    fallback: () => '30000',
  },
  inferenceBudgetMs: {
    key: 'INFERENCE_BUDGET_MS',
    why: 'Rarely set. A model of which one row takes more CPU time runs in processes of its own, and holds up no other.',
    parse: wholeNumber(1, 60_000),
    fallback: () => '5',
  },
  inferenceProcesses: {
    key: 'INFERENCE_PROCESSES',
    why: 'Processes for each such model; auto: one less than processors, shared out among the workers, and one at least.',
    parse: autoOrWhole(1, 64),
    fallback: () => 'auto',
  },
  inferenceThreads: {
    key: 'INFERENCE_THREADS',
    why: 'Rarely set. Threads of a run in such a process, where the manifest of the model tolerates other sums.',
    parse: wholeNumber(1, 64),
    fallback: () => '1',
  },
  inferenceMemoryBytes: {
    key: 'INFERENCE_MEMORY_BYTES',
    why: 'Rarely set. Memory of such a process, which ends beyond it; auto: a quarter of the container, or of the machine.',
    parse: autoOrWhole(67_108_864, 1_099_511_627_776),
    fallback: () => 'auto',
  },
  logLevel: {
    key: 'LOG_LEVEL',
    why: 'Application log: error, warn, info, http (adds one line per request), debug.',
    parse: oneOf('error', 'warn', 'info', 'http', 'debug'),
    fallback: () => 'info',
  },
  logFormat: {
    key: 'LOG_FORMAT',
    why: 'Application log lines for machines (json) or for people (pretty).',
    parse: oneOf('json', 'pretty'),
    fallback: (stage) => (stage === 'development' ? 'pretty' : 'json'),
  },
  logDir: {
    key: 'LOG_DIR',
    why: 'Folder for a rotating copy of the application log; empty: console only.',
    parse: text,
    fallback: () => '',
  },
  predictionLogDir: {
    key: 'PREDICTION_LOG_DIR',
    why: 'Folder of the prediction records. In production it must be set, so that nobody records into a container layer.',
    parse: text,
    fallback: () => 'predictions',
  },
  predictionLogDurability: {
    key: 'PREDICTION_LOG_DURABILITY',
    why: 'synced: a reply leaves after its record is on the disk (survives a crash of the machine). written: after it is in the file (survives a crash of the process). buffered: records follow within 100 ms.',
    parse: oneOf('buffered', 'written', 'synced'),
    fallback: () => 'written',
  },
  predictionLogFileBytes: {
    key: 'PREDICTION_LOG_FILE_BYTES',
    why: 'A record file is closed and the next one begun at this size (and at midnight UTC).',
    parse: wholeNumber(4_096, 1_099_511_627_776),
    fallback: () => '67108864',
  },
  predictionLogInputs: {
    key: 'PREDICTION_LOG_INPUTS',
    why: 'What records keep of inputs in place of their values, whatever the manifest says: <model>.<input>=hash (a keyed hash) or =drop (nothing), separated by commas.',
    parse: hiddenInputs,
    fallback: () => '',
  },
  predictionLogHashKeyFile: {
    key: 'PREDICTION_LOG_HASH_KEY_FILE',
    why: 'A file of at least 32 random bytes, by which inputs are hashed; others may not read it.',
    parse: text,
    fallback: () => '',
  },
  predictionLogSealKeyFile: {
    key: 'PREDICTION_LOG_SEAL_KEY_FILE',
    why: 'Signs the seals of record files: a file with a private key of Ed25519 (PKCS#8, PEM). Empty: they are not signed.',
    parse: text,
    fallback: () => '',
  },
  stateDir: {
    key: 'STATE_DIR',
    why: 'Folder of the state database (jobs), which belongs to one process.',
    parse: text,
    fallback: () => 'state',
  },
  stateDatabaseUrl: {
    key: 'STATE_DATABASE_URL',
    why: 'Keeps the state in PostgreSQL instead, for several servers: postgres://user:password@host/database.',
    parse: postgresUrl,
    fallback: () => '',
  },
  windowSeconds: {
    key: 'WINDOW_SECONDS',
    why: 'Rarely set. Drift is told by windows of this length and of 24 times that.',
    parse: wholeNumber(1, 86_400),
    fallback: () => '3600',
  },
  retrainOn: {
    key: 'RETRAIN_ON',
    why: 'What asks for a training by itself, once labels come: drift, quality, labels=<n> (new ones), or a list separated by commas. Empty: nothing does.',
    parse: retrainOn,
    fallback: () => '',
  },
  trainingLeaseSeconds: {
    key: 'TRAINING_LEASE_SECONDS',
    why: 'Rarely set. A runner that has not reported on its job for so long has lost it; the job goes to the next one.',
    parse: wholeNumber(2, 3_600),
    fallback: () => '30',
  },
  trainingPython: {
    key: 'TRAINING_PYTHON',
    why: 'A Python that has the package nestor: the server starts a runner with it. Empty: runners are started elsewhere.',
    parse: text,
    fallback: () => '',
  },
  trainingData: {
    key: 'TRAINING_DATA',
    why: 'Folder of the data that trainings of that runner read.',
    parse: text,
    fallback: () => '',
  },
  docsEnabled: {
    key: 'DOCS_ENABLED',
    why: 'Serve /docs, /redoc and /openapi.json. Off in production, where it may not be switched on.',
    parse: boolean,
    fallback: (stage) => String(stage !== 'production'),
  },
  corsOrigins: {
    key: 'CORS_ORIGINS',
    why: 'Browser origins that may call: *, none, or a list separated by commas. * is refused in production.',
    parse: origins,
    fallback: (stage) => (isOpen(stage) ? '*' : 'none'),
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
