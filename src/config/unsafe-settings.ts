import type { Fault } from '../errors/startup-fault.js';
import { isLoopbackHost } from './loopback.js';
import type { Stage } from './settings.js';

/** What decides whether a server is safe where strangers reach it. */
export interface Exposure {
  readonly stage: Stage;
  readonly host: string;
  readonly auth: 'local' | 'off' | 'required';
  readonly docsEnabled: boolean;
  readonly corsOrigins: '*' | readonly string[];
  readonly stateDatabaseUrl: string;
  readonly isRecordDirGiven: boolean;
}

/** Of examples, and what people put in their place first. */
const KNOWN_PASSWORDS = ['password', 'postgres', 'nestor', 'secret', 'changeme', 'example', 'admin'];

/** What may not be so in acceptance and production, each with its mend. */
export function unsafeSettings(values: Exposure): Fault[] {
  const { stage } = values;
  if (stage !== 'acceptance' && stage !== 'production') return [];
  const withoutKeys = values.auth === 'off' && !isLoopbackHost(values.host);
  return [
    ...faultIf(
      withoutKeys,
      `AUTH is off in ${stage}, and HOST is ${values.host}`,
      'remove AUTH, so that callers need keys, or set HOST=127.0.0.1, where a proxy of this machine knows the callers',
    ),
    ...(stage === 'production' ? unsafeInProduction(values) : []),
  ];
}

function unsafeInProduction(values: Exposure): Fault[] {
  const hasKnownPassword = KNOWN_PASSWORDS.includes(passwordOf(values.stateDatabaseUrl));
  return [
    ...faultIf(
      values.docsEnabled,
      'DOCS_ENABLED is true in production',
      'remove DOCS_ENABLED or set it to false',
    ),
    ...faultIf(
      values.corsOrigins === '*',
      'CORS_ORIGINS is * in production',
      'list the origins that may call, or set none',
    ),
    ...faultIf(
      !values.isRecordDirGiven,
      'PREDICTION_LOG_DIR is not set in production',
      'set it to a folder on a volume that outlives the container',
    ),
    ...faultIf(
      hasKnownPassword,
      'STATE_DATABASE_URL has a password in production that everybody knows from examples',
      'give that user of the database a password of its own',
    ),
  ];
}

const faultIf = (isSo: boolean, what: string, mend: string): Fault[] => (isSo ? [{ what, mend }] : []);

const passwordOf = (url: string): string => (url === '' ? '' : decodeURIComponent(new URL(url).password));
