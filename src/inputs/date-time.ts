/** Date, time of day, fraction of a second, offset from UTC: RFC 3339 with a date alone, and no offset, allowed. */
const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?:(:[0-5]\d)(\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;
/** Characters of one with all its parts. */
export const LONGEST_DATE_TIME = 35;
const MILLISECOND_DIGITS = 4;

/**
 * Seconds since 1970-01-01 UTC of a date (its midnight) or a date and time; without an offset it is UTC. What is finer
 * than a millisecond is cut off, so that the number is the one that the Python package gives, to the bit.
 * @returns NaN for a text that is no such date, the 30th of February too.
 */
export function epochSeconds(text: string): number {
  const [, date, time = '00:00', seconds = ':00', fraction = '', offset = 'Z'] = DATE_TIME.exec(text) ?? [];
  if (date === undefined) return Number.NaN;
  const day = Date.parse(`${date}T00:00Z`);
  if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(date)) return Number.NaN;
  return Date.parse(`${date}T${time}${seconds}${fraction.slice(0, MILLISECOND_DIGITS)}${offset}`) / 1000;
}
