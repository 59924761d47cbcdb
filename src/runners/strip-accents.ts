const ASCII = /^\p{ASCII}*$/u;
const NOT_ASCII = /\P{ASCII}/gu;

/** Which characters are combining ones, as far as texts had them. */
const combining = new Map<string, boolean>();

/**
 * A text without its accents, as scikit-learn's `strip_accents` takes them off: `unicode` leaves out combining
 * characters, `ascii` all that is not ASCII.
 */
export function stripAccents(text: string, how: 'ascii' | 'unicode'): string {
  if (ASCII.test(text)) return text;
  const apart = text.normalize('NFKD');
  if (how === 'ascii') return apart.replace(NOT_ASCII, '');
  let kept = '';
  for (const character of apart) if (!isCombining(character)) kept += character;
  return kept;
}

function isCombining(character: string): boolean {
  let found = combining.get(character);
  if (found === undefined)
    combining.set(character, (found = movesBehind(character) || movesBefore(character)));
  return found;
}

// JavaScript does not tell a character's combining class, but orders by it, and 0 never moves. U+0345 has the highest
// class and U+0334 the lowest, so each other one moves before the first or behind the second.
const movesBefore = (character: string): boolean => isReordered(`\u0345${character}`);
const movesBehind = (character: string): boolean => isReordered(`${character}\u0334`);
const isReordered = (pair: string): boolean => pair.normalize('NFD') !== pair;
