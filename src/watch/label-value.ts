import type { ClassSpec, Manifest } from '../artifacts/manifest.js';

/** Why a value cannot be the truth about a prediction. */
export interface ValueFault {
  readonly code: 'not_a_class' | 'not_a_number';
  readonly detail: string;
}

/** A value as the manifest has it, or what is wrong with it. */
export type Checked = { readonly value: unknown } | { readonly fault: ValueFault };

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
/** So many classes are named in a fault. */
const NAMED = 20;

/**
 * The value that was given for a prediction, compared with the classes of its version, or a number where it has none; of
 * several targets an object with a value each. Of a version that is not here any more, it is compared with the kind of
 * its prediction.
 * @param isText it stood in a table, where numbers are texts too
 */
export function checkedValue(
  manifest: Pick<Manifest, 'classes' | 'targets'> | undefined,
  prediction: unknown,
  value: unknown,
  isText = false,
): Checked {
  const targets =
    manifest === undefined
      ? targetsOf(prediction)
      : manifest.targets?.map(({ name, classes }) => ({ name, classes }));
  if (targets === undefined)
    return checkedOne(manifest?.classes ?? kindOf(manifest, prediction), value, isText);
  const given: unknown = isText ? parsed(String(value)) : value;
  const names = targets.map(({ name }) => name);
  if (typeof given !== 'object' || given === null || !isSame(Object.keys(given), names))
    return {
      fault: {
        code: 'not_a_class',
        detail: `must be an object with a value for each of ${names.join(', ')}`,
      },
    };
  const values: Record<string, unknown> = {};
  for (const { name, classes } of targets) {
    const checked = checkedOne(classes, (given as Record<string, unknown>)[name], false);
    if ('fault' in checked)
      return { fault: { ...checked.fault, detail: `${name}: ${checked.fault.detail}` } };
    values[name] = checked.value;
  }
  return { value: values };
}

/** @param classes the word `text`: any text; undefined: it is a number */
function checkedOne(
  classes: readonly ClassSpec[] | 'text' | undefined,
  value: unknown,
  isText: boolean,
): Checked {
  if (classes === 'text') {
    if (typeof value === 'string' && value !== '') return { value };
    return {
      fault: { code: 'not_a_class', detail: `must be a text, as its prediction is; got ${shown(value)}` },
    };
  }
  if (classes !== undefined) {
    const found = classes.find((each) => each.value === value || (isText && String(each.value) === value));
    if (found !== undefined) return { value: found.value };
    const named = classes.find(({ label }) => label === value);
    const known = classes.slice(0, NAMED).map((each) => JSON.stringify(each.value));
    const mend =
      named === undefined
        ? `one of ${known.join(', ')}${classes.length > NAMED ? ', …' : ''}`
        : `the value of that class, ${JSON.stringify(named.value)}`;
    return { fault: { code: 'not_a_class', detail: `must be ${mend}; got ${shown(value)}` } };
  }
  const number = isText && NUMBER.test(String(value)) ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return { value: number };
  return { fault: { code: 'not_a_number', detail: `must be a number; got ${shown(value)}` } };
}

/** Of a version that is not here any more: a text stands for a class. */
function kindOf(manifest: object | undefined, prediction: unknown): 'text' | undefined {
  return manifest === undefined && typeof prediction === 'string' ? 'text' : undefined;
}

function targetsOf(prediction: unknown): { name: string; classes: 'text' | undefined }[] | undefined {
  if (typeof prediction !== 'object' || prediction === null) return undefined;
  return Object.entries(prediction).map(([name, each]) => ({ name, classes: kindOf(undefined, each) }));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((each) => some.includes(each));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60);
