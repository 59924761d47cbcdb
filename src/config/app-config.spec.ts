import { StartupFault } from '../errors/startup-fault.js';
import { AppConfig } from './app-config.js';

type Environment = Record<string, string>;

function messageOf(environment: Environment, file: Environment = {}): string {
  try {
    AppConfig.from(environment, file);
  } catch (error) {
    if (error instanceof StartupFault) return error.message;
    throw error;
  }
  throw new Error('the settings were taken');
}

describe(AppConfig.name, () => {
  it('has defaults for a developer machine', () => {
    expect(AppConfig.from({})).toMatchObject({
      stage: 'development',
      host: '127.0.0.1',
      port: 3000,
      artifactsDir: 'artifacts',
      maxBodyBytes: 16_777_216,
      logLevel: 'info',
      logFormat: 'pretty',
      logDir: '',
      predictionLogDir: 'predictions',
      predictionLogDurability: 'written',
      docsEnabled: true,
      corsOrigins: '*',
    });
  });

  it.each([
    ['test', { host: '::', logFormat: 'json', docsEnabled: true, corsOrigins: '*' }],
    ['acceptance', { host: '::', logFormat: 'json', docsEnabled: true, corsOrigins: [] }],
    ['production', { host: '::', logFormat: 'json', docsEnabled: false, corsOrigins: [] }],
  ])('has those of stage %s', (stage, expected) => {
    const given = { APP_STAGE: stage, PREDICTION_LOG_DIR: '/records', API_KEYS_FILE: 'keys.json' };
    const auth = stage === 'test' ? 'local' : 'required';
    expect(AppConfig.from(given)).toMatchObject({ ...expected, auth });
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(AppConfig.from({}))).toBe(true);
  });

  it('prefers the environment to the file, and takes an empty text for not set', () => {
    const config = AppConfig.from({ PORT: '1', LOG_LEVEL: '' }, { PORT: '2', LOG_LEVEL: 'warn' });

    expect(config).toMatchObject({ port: 1, logLevel: 'warn' });
  });

  it('splits origins', () => {
    const config = AppConfig.from({ CORS_ORIGINS: 'https://a.example, http://b.example:8080' });

    expect(config.corsOrigins).toEqual(['https://a.example', 'http://b.example:8080']);
  });

  it.each([
    [{}, undefined],
    [{ MANAGEMENT_PORT: '9000' }, 9_000],
    [{ MANAGEMENT_PORT: '0', PORT: '0' }, 0],
  ])('has a port for management where one is named: %j', (given, expected) => {
    expect(AppConfig.from(given as Environment).managementPort).toBe(expected);
  });

  it('refuses one port for both', () => {
    expect(messageOf({ MANAGEMENT_PORT: '3000' })).toMatch(
      /MANAGEMENT_PORT is 3000, and so is PORT\n {4}mend: set MANAGEMENT_PORT to another port/,
    );
  });

  it('reads what asks for trainings', () => {
    const { retrainOn } = AppConfig.from({ RETRAIN_ON: 'drift, labels=1000' });

    expect(retrainOn).toEqual({ drift: true, quality: false, labels: 1_000 });
    expect(AppConfig.from({}).retrainOn).toEqual({ drift: false, quality: false, labels: undefined });
  });

  it.each(['always', 'drift,drift', 'labels', 'labels=0', 'labels=100001', 'labels=1,labels=2', 'drift,'])(
    'refuses RETRAIN_ON=%s',
    (given) => {
      expect(messageOf({ RETRAIN_ON: given })).toContain('a list separated by commas of drift, quality');
    },
  );

  it('reads what records keep of inputs', () => {
    const { predictionLogInputs } = AppConfig.from({
      PREDICTION_LOG_INPUTS: 'loan.income=hash, my.loan.full name=drop',
      PREDICTION_LOG_HASH_KEY_FILE: '/key',
    });

    expect([...predictionLogInputs]).toEqual([
      ['loan.income', 'hash'],
      ['my.loan.full name', 'drop'],
    ]);
    expect(AppConfig.from({}).predictionLogInputs.size).toBe(0);
  });

  it.each([
    'income=hash',
    'loan.income',
    'loan.income=keep',
    'loan.a=drop,',
    'loan.a=drop,loan.a=hash',
    'L.a=drop',
  ])('refuses PREDICTION_LOG_INPUTS=%s', (given) => {
    expect(messageOf({ PREDICTION_LOG_INPUTS: given })).toContain(
      'a list separated by commas of <model>.<input>=hash',
    );
  });

  it('hashes nothing without a key', () => {
    expect(messageOf({ PREDICTION_LOG_INPUTS: 'loan.income=hash' })).toContain(
      'hashes inputs and PREDICTION_LOG_HASH_KEY_FILE is not set',
    );
    expect(AppConfig.from({ PREDICTION_LOG_INPUTS: 'loan.income=drop' })).toBeDefined();
  });

  it.each([
    ['APP_STAGE', 'prod', 'one of development, test, acceptance, production'],
    ['PORT', 'http', 'a whole number from 0 to 65535'],
    ['PORT', '65536', 'a whole number from 0 to 65535'],
    ['MANAGEMENT_PORT', 'none', 'empty, or a whole number from 0 to 65535'],
    ['PORT', '-1', 'a whole number from 0 to 65535'],
    ['PORT', '3000.5', 'a whole number from 0 to 65535'],
    ['PORT', '0x10', 'a whole number from 0 to 65535'],
    ['PORT', ' 3000', 'a whole number from 0 to 65535'],
    ['MAX_BODY_BYTES', '16MB', 'a whole number'],
    ['LOG_LEVEL', 'verbose', 'one of error, warn, info, http, debug'],
    ['LOG_FORMAT', 'JSON', 'one of json, pretty'],
    ['PREDICTION_LOG_DURABILITY', 'fsync', 'one of'],
    ['PREDICTION_LOG_FILE_BYTES', '1', 'a whole number from 4096'],
    ['DOCS_ENABLED', 'yes', 'one of true, false'],
    ['CORS_ORIGINS', 'app.example.com', 'origins such as https://app.example.com'],
    ['CORS_ORIGINS', 'https://a.example/path', 'origins such as https://app.example.com'],
    ['CORS_ORIGINS', 'https://*.a.example', 'each as a browser sends it: without path, wildcard'],
    ['CORS_ORIGINS', 'https://a.example:443', 'default port'],
    ['CORS_ORIGINS', 'https://A.example', 'in small letters'],
    ['CORS_ORIGINS', 'https://a.example,', 'separated by commas'],
    ['CORS_ORIGINS', 'https://user@a.example', 'as a browser sends it'],
    ['CORS_ORIGINS', 'null', 'as a browser sends it'],
  ])('refuses %s=%s and says what is allowed', (key, value, allowed) => {
    const message = messageOf({ [key]: value });

    expect(message).toContain(`${key} is "${value}"`);
    expect(message).toContain(allowed);
  });

  const ISSUER = {
    JWT_ISSUER: 'https://i.example',
    JWT_AUDIENCE: 'a',
    JWT_JWKS_URL: 'https://i.example/keys',
  };

  it.each(Object.keys(ISSUER))('refuses an issuer without %s', (key) => {
    expect(messageOf({ ...ISSUER, [key]: '' }).match(/^ {2}- .+$/gm)).toEqual([
      `  - ${key} is not set, and others of the issuer are`,
    ]);
  });

  it.each([
    'http://i.example/keys',
    'ftp://127.0.0.1/',
    'https://me:secret@i.example/',
    'i.example',
    '/keys',
  ])('refuses keys of an issuer from %s', (given) => {
    const message = messageOf({ ...ISSUER, JWT_JWKS_URL: given });
    expect(message.match(/^ {2}- .+$/gm)).toHaveLength(1);
    expect(message).toContain('https://issuer.example/keys, without a password');
    expect(message).not.toContain('secret');
  });

  it.each([
    'https://i.example:8443/keys?a=b',
    'http://127.0.0.1:8080/',
    'http://localhost/',
    'http://[::1]:80/',
  ])('takes keys of an issuer from %s, and needs no others', (given) => {
    const config = AppConfig.from({ ...ISSUER, AUTH: 'required', JWT_JWKS_URL: given });
    expect(config).toMatchObject({ jwtJwksUrl: given, jwtJwksMaxAgeSeconds: 86_400 });
  });

  it('lists every fault at once, each with its mend', () => {
    const message = messageOf(
      {
        PORT: 'x',
        LOG_LEVEL: 'loud',
        APP_COLOUR: '1',
        PREDICTION_LOG_DIRR: '/x',
        DOCS_: '',
        PATH: '/bin',
        npm_x: '1',
      },
      { LOG_FORMAT: 'xml', MAX_BODY: '5' },
    );

    const faults = message.match(/^ {2}- .+$/gm);
    expect(faults?.toSorted()).toEqual([
      '  - APP_COLOUR is not a setting of Nestor',
      '  - DOCS_ is not a setting of Nestor',
      '  - LOG_FORMAT is "xml"',
      '  - LOG_LEVEL is "loud"',
      '  - MAX_BODY is not a setting of Nestor',
      '  - PORT is "x"',
      '  - PREDICTION_LOG_DIRR is not a setting of Nestor',
    ]);
    expect(message.match(/^ {4}mend: .+$/gm)).toHaveLength(7);
  });

  it('does not guess a stage where NODE_ENV is production, as it is in the image', () => {
    const fault = [
      'Nestor cannot start:',
      '  - APP_STAGE is not set and NODE_ENV is production',
      "    mend: set APP_STAGE to one of development, test, acceptance, production; Nestor's image has no stage of its own",
    ].join('\n');

    expect(messageOf({ NODE_ENV: 'production' })).toBe(fault);
    expect(messageOf({ NODE_ENV: 'production', APP_STAGE: '' })).toBe(fault);
  });

  it.each([
    ['the environment', { APP_STAGE: 'test' }, {}],
    ['the file', {}, { APP_STAGE: 'test' }],
  ])('takes the stage there from %s', (_, environment, file) => {
    expect(AppConfig.from({ NODE_ENV: 'production', ...environment }, file)).toMatchObject({ stage: 'test' });
  });

  it('does not start in acceptance and production without keys, and says how to get one', () => {
    const mend =
      'mend: run npx nestor key create --name <who> --scopes predict --file keys.json, and set API_KEYS_FILE=keys.json';
    for (const stage of ['acceptance', 'production']) {
      const message = messageOf({ APP_STAGE: stage, PREDICTION_LOG_DIR: '/records', AUTH: '' });
      expect(message.match(/^ {2}- .+$/gm)).toEqual([
        '  - callers need keys (AUTH is required), and neither API_KEYS_FILE nor JWT_ISSUER is set; since this release that is so in acceptance and production unless AUTH says otherwise',
      ]);
      expect(message).toContain(mend);
    }
    const asked = messageOf({ AUTH: 'required' });
    expect(asked).toContain(
      '  - callers need keys (AUTH is required), and neither API_KEYS_FILE nor JWT_ISSUER is set\n',
    );
    expect(asked).toContain(mend);
  });

  it('refuses in production what is unsafe there, all at once', () => {
    const message = messageOf({
      APP_STAGE: 'production',
      AUTH: 'off',
      DOCS_ENABLED: 'true',
      CORS_ORIGINS: '*',
      STATE_DATABASE_URL: 'postgres://nestor:p%61ssword@db.example/nestor',
    });

    expect(message.match(/^ {2}- .+$/gm)).toEqual([
      '  - AUTH is off in production, and HOST is ::',
      '  - DOCS_ENABLED is true in production',
      '  - CORS_ORIGINS is * in production',
      '  - PREDICTION_LOG_DIR is not set in production',
      '  - STATE_DATABASE_URL has a password in production that everybody knows from examples',
    ]);
    expect(message.match(/^ {4}mend: .+$/gm)).toHaveLength(5);
  });

  const SAFE = { APP_STAGE: 'production', API_KEYS_FILE: 'keys.json', PREDICTION_LOG_DIR: '/records' };

  it.each([
    ['AUTH', 'off', 'AUTH is off in production, and HOST is ::'],
    ['DOCS_ENABLED', 'true', 'DOCS_ENABLED is true in production'],
    ['CORS_ORIGINS', '*', 'CORS_ORIGINS is * in production'],
    ['PREDICTION_LOG_DIR', '', 'PREDICTION_LOG_DIR is not set in production'],
    [
      'API_KEYS_FILE',
      '',
      'callers need keys (AUTH is required), and neither API_KEYS_FILE nor JWT_ISSUER is set',
    ],
    ['STATE_DATABASE_URL', 'postgres://u:postgres@h/d', 'STATE_DATABASE_URL has a password in production'],
    ['APP_TRUST_PROXY', 'true', 'APP_TRUST_PROXY is not a setting of Nestor'],
  ])('refuses %s=%s alone in production', (key, value, fault) => {
    expect(AppConfig.from(SAFE)).toMatchObject({ stage: 'production', auth: 'required' });
    const faults = messageOf({ ...SAFE, [key]: value }).match(/^ {2}- .+$/gm);
    expect(faults).toHaveLength(1);
    expect(faults![0]).toContain(fault);
  });

  it.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost'])(
    'takes AUTH=off in acceptance and production on HOST=%s, which this machine alone reaches',
    (host) => {
      for (const stage of ['acceptance', 'production'])
        expect(AppConfig.from({ ...SAFE, APP_STAGE: stage, AUTH: 'off', HOST: host })).toMatchObject({
          auth: 'off',
        });
      const elsewhere = { ...SAFE, APP_STAGE: 'acceptance', AUTH: 'off', HOST: '0.0.0.0' };
      expect(messageOf(elsewhere)).toContain('AUTH is off in acceptance, and HOST is 0.0.0.0');
    },
  );

  it('does not refuse elsewhere what a person who accepts or develops needs', () => {
    const given = {
      APP_STAGE: 'acceptance',
      DOCS_ENABLED: 'true',
      CORS_ORIGINS: '*',
      API_KEYS_FILE: 'keys.json',
    };

    expect(AppConfig.from(given)).toMatchObject({ docsEnabled: true, corsOrigins: '*' });
    expect(AppConfig.from({ APP_STAGE: 'test', AUTH: 'off' })).toMatchObject({ auth: 'off', host: '::' });
  });
});
