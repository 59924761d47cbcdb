import type { Fault } from '../errors/startup-fault.js';
import { SETTINGS } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const KEYS: readonly string[] = Object.values(SETTINGS).map(({ key }) => key);
/** Variables that begin so are taken for ours: an unknown one is a mistake, not somebody else's. */
const PREFIXES = [
  'ADMISSION_',
  'APP_',
  'PREDICTION_LOG_',
  'ARTIFACTS_',
  'DOCS_',
  'INFERENCE_',
  'CORS_',
  'STATE_',
  'NESTOR_',
];
/** Ours too, and read by others: the command line, compose files and tests. */
const NOT_OF_THE_SERVER =
  /^NESTOR_(?:API_KEY|URL|DATA|IMAGE|RUNNER_IMAGE|ENV_FILE|ARTIFACTS|CONTAINER_ENGINE|DASHBOARD_\w+)$/;
/** What Kubernetes tells every container about a service: named `nestor`, its variables begin like ours. */
const OF_A_SERVICE = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const ADDRESS_OF_A_SERVICE = /^(?:tcp|udp|sctp):\/\//;
/** Names shorter than this are near to too many others. */
const SHORTEST = 6;
const LONG = 12;

/**
 * What looks like a setting of Nestor and is none: everything in the file, and of the environment what begins like one
 * or is nearly one.
 */
export function unknownSettings(environment: Environment, file: Environment): Fault[] {
  const ours = Object.entries(environment).filter(([key, value]) => isOurs(key, value));
  const keys = new Set([...Object.keys(file), ...ours.map(([key]) => key)]);
  return [...keys].filter((key) => !KEYS.includes(key)).map(toFault);
}

function isOurs(key: string, value = ''): boolean {
  if (NOT_OF_THE_SERVER.test(key) || OF_A_SERVICE.test(key) || ADDRESS_OF_A_SERVICE.test(value)) return false;
  return PREFIXES.some((prefix) => key.startsWith(prefix)) || nearest(key) !== undefined;
}

function toFault(key: string): Fault {
  const meant = nearest(key);
  const mend =
    meant === undefined
      ? 'remove it or correct its name; .env.example lists every setting'
      : `if ${meant} was meant, write ${meant}; otherwise remove it`;
  return { what: `${key} is not a setting of Nestor`, mend };
}

/** The setting whose name somebody may have meant. */
function nearest(key: string): string | undefined {
  const name = key
    .toUpperCase()
    .replaceAll(/[-.]/g, '_')
    .replace(/^NESTOR_/, '');
  if (/^nestor_/i.test(key) && KEYS.includes(name)) return name;
  return KEYS.find(
    (candidate) => isCutOff(name, candidate) || (candidate.length >= SHORTEST && isNearly(name, candidate)),
  );
}

/** Whether only the unit or kind at the end is missing: `SHUTDOWN_DELAY` of `SHUTDOWN_DELAY_MS`. */
const isCutOff = (name: string, candidate: string): boolean =>
  name.includes('_') && candidate.startsWith(`${name}_`);

/** Whether the texts are equal but for one letter, or for two where they are long, or for two that are swapped. */
function isNearly(left: string, right: string): boolean {
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  let end = 0;
  const most = Math.min(left.length, right.length) - start;
  while (end < most && left.at(-1 - end) === right.at(-1 - end)) end++;
  const others = [left.slice(start, left.length - end), right.slice(start, right.length - end)] as const;
  const isSwapped = others[0].length === 2 && others[0] === others[1].split('').toReversed().join('');
  return isSwapped || Math.max(...others.map(({ length }) => length)) <= (right.length < LONG ? 1 : 2);
}
