import { unknownSettings } from './unknown-settings.js';

const named = (environment: Record<string, string>): string[] =>
  unknownSettings(environment, {}).map(({ what }) => what.split(' ')[0]!);

describe(unknownSettings.name, () => {
  it.each([
    ['LOG_LEVL', 'LOG_LEVEL'],
    ['LOG_LEVELS', 'LOG_LEVEL'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['LOG-LEVEL', 'LOG_LEVEL'],
    ['log_level', 'LOG_LEVEL'],
    ['MAX_BODY_BYTE', 'MAX_BODY_BYTES'],
    ['PREDICTION_LOG_DIRR', 'PREDICTION_LOG_DIR'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['NESTOR_LOG_LEVEL', 'LOG_LEVEL'],
    ['NESTOR_PORT', 'PORT'],
    ['NESTOR_LOG_LEVL', 'LOG_LEVEL'],
    ['nestor_port', 'PORT'],
    ['MAX_BODY', 'MAX_BODY_BYTES'],
    ['SHUTDOWN_DELAY', 'SHUTDOWN_DELAY_MS'],
    ['PREDICTION_LOG', 'PREDICTION_LOG_DIR'],
    ['NESTOR_SHUTDOWN_DELAY', 'SHUTDOWN_DELAY_MS'],
  ])('tells that by %s probably %s was meant', (key, meant) => {
    expect(unknownSettings({ [key]: 'x' }, {})).toEqual([
      {
        what: `${key} is not a setting of Nestor`,
        mend: `if ${meant} was meant, write ${meant}; otherwise remove it`,
      },
    ]);
  });

  it('names what begins like a setting, and is near to none', () => {
    const environment = { APP_COLOUR: '1', NESTOR_SPEED: '1', PREDICTION_LOG_X: '1', CORS_: '' };

    expect(named(environment)).toEqual(Object.keys(environment));
  });

  it('names everything in the file that is no setting', () => {
    expect(unknownSettings({}, { PORT: '1', SPEED: 'fast' })).toEqual([
      {
        what: 'SPEED is not a setting of Nestor',
        mend: 'remove it or correct its name; .env.example lists every setting',
      },
    ]);
  });

  it('claims no variable that others set', () => {
    const others =
      'PATH HOME HOSTNAME LOGNAME PORTAGE HOSTTYPE USER SHELL TERM LANG PWD npm_config_cache NODE_ENV NODE_OPTIONS VITEST CI LOG_FILE TZ SHLVL ORT_DISABLE_TELEMETRY KUBERNETES_PORT HOSTS AUTHOR XAUTHORITY'.split(
        ' ',
      );

    expect(named(Object.fromEntries(others.map((key) => [key, 'x'])))).toEqual([]);
  });

  it.each(['NESTOR', 'NESTOR_CANARY', 'APP', 'DOCS'])(
    'claims nothing that Kubernetes says of a service whose variables begin with %s',
    (service) => {
      expect(
        named({
          [`${service}_SERVICE_HOST`]: '10.0.0.1',
          [`${service}_SERVICE_PORT`]: '3000',
          [`${service}_SERVICE_PORT_HTTP`]: '3000',
          [`${service}_PORT`]: 'tcp://10.0.0.1:3000',
          [`${service}_PORT_3000_TCP`]: 'tcp://10.0.0.1:3000',
          [`${service}_PORT_3000_TCP_PROTO`]: 'tcp',
          [`${service}_PORT_3000_TCP_PORT`]: '3000',
          [`${service}_PORT_3000_TCP_ADDR`]: '10.0.0.1',
        }),
      ).toEqual([]);
    },
  );

  it('knows names of ours that the server does not read', () => {
    const ours = [
      'NESTOR_API_KEY',
      'NESTOR_DATA',
      'NESTOR_IMAGE',
      'NESTOR_RUNNER_IMAGE',
      'NESTOR_ENV_FILE',
      'NESTOR_ARTIFACTS',
    ];

    expect(named(Object.fromEntries(ours.map((key) => [key, 'x'])))).toEqual([]);
  });
});
