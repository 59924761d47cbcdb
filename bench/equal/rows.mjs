// Rows as JSON text, legal and illegal, made from what a model's manifest and samples say. Text, not objects: -0, 1e400,
// a key twice or half a surrogate pair cannot be told by `JSON.stringify`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMES, SHORT_TEXTS, TEXTS, VALUES } from './strange.mjs';

/** Share of requests whose rows are legal as they are. */
export const LEGAL = 0.55;

export class ModelRows {
  constructor(artifacts, model, random) {
    this.model = model;
    this.random = random;
    const folder = join(artifacts, model, '1');
    this.fields = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).inputs;
    const { samples } = JSON.parse(readFileSync(join(folder, 'samples.json'), 'utf8'));
    this.samples = samples.map(({ input }) => input);
    this.words = this.samples.flatMap(({ text }) => text?.split(/\s+/) ?? []).filter(Boolean);
  }

  /** A row that is legal: one of the samples, or one with other values of the fields' ranges. */
  legal() {
    const { random } = this;
    const sample = random.pick(this.samples);
    const share = random.pick([0, 0.3, 1]);
    const members = this.fields.map((field) => {
      const value = random.chance(share) ? this.legalValue(field) : JSON.stringify(sample[field.name]);
      return [JSON.stringify(field.name), random.chance(0.1) ? this.written(value) : value];
    });
    return random.chance(0.1) ? random.shuffle(members) : members;
  }

  /** A row whose fields were tampered with; by chance it may still be legal. */
  tampered() {
    const { random } = this;
    const members = this.legal();
    for (let change = random.pick([1, 1, 1, 2, 5]); change > 0; change--) this.tamper(members);
    return members;
  }

  tamper(members) {
    const { random } = this;
    const at = random.int(0, members.length - 1);
    const [name, value] = members[at] ?? ['"none"', '1'];
    const other = random.chance(0.5) ? this.legalValue(random.pick(this.fields)) : random.pick(VALUES);
    const changes = {
      missing: () => members.splice(at, 1),
      wrong: () => members.splice(at, 1, [name, random.pick(VALUES)]),
      beyond: () => members.splice(at, 1, [name, this.beyond(random.pick(this.fields))]),
      surplus: () => members.push([JSON.stringify(random.pick(NAMES)), other]),
      twice: () => members.push([name, random.chance(0.5) ? value : other]),
      swapped: () => members.splice(at, 1, [name, other]),
      renamed: () => members.splice(at, 1, [name.toUpperCase(), value]),
      none: () => members.splice(0),
    };
    changes[random.pick([...Object.keys(changes).slice(0, -1), ...(random.chance(0.1) ? ['none'] : [])])]();
  }

  legalValue(field) {
    const { random } = this;
    if (field.nullable && random.chance(0.15)) return 'null';
    if (field.type === 'category') return JSON.stringify(random.pick(field.categories));
    if (field.type === 'text') return this.jsonText(this.text());
    const {
      minimum = -1e6,
      maximum = 1e6,
      observed = { minimum, maximum },
      missing_values: missing = [],
    } = field;
    const edges = [minimum, maximum, observed.minimum, observed.maximum, ...missing];
    if (random.chance(0.2)) return String(random.pick(edges));
    const { minimum: from, maximum: to } = random.chance(0.2) ? { minimum, maximum } : observed;
    if (field.type === 'integer') return String(random.int(from, to));
    const value = from + random.next() * (to - from);
    return random.chance(0.5) ? value.toFixed(random.int(0, 4)) : String(value);
  }

  /** One step outside a number's range, or on its edge. */
  beyond({ type, minimum = -1e6, maximum = 1e6 }) {
    if (type === 'text' || type === 'category') return this.jsonText(this.random.pick(TEXTS));
    const { EPSILON } = Number;
    const near = [
      minimum,
      maximum,
      minimum - 1,
      maximum + 1,
      maximum * (1 + EPSILON),
      maximum * (1 - EPSILON),
    ];
    return String(
      this.random.pick([...near, -Number.MIN_VALUE, Number.MAX_VALUE, minimum - 1e-9, maximum + 1e-9]),
    );
  }

  text() {
    const { random } = this;
    if (random.chance(0.15)) return random.pick(TEXTS);
    const words = Array.from({ length: random.int(1, random.pick([5, 20, 60])) }, () =>
      random.pick(this.words),
    );
    if (random.chance(0.2)) words.splice(random.int(0, words.length), 0, random.pick(SHORT_TEXTS));
    return words.join(random.pick([' ', ' ', ' ', '  ', ', ', '\n', '-']));
  }

  /** A JSON text, some of its characters escaped though they need not be. */
  jsonText(text) {
    if (this.random.chance(0.9)) return JSON.stringify(text);
    const escaped = Array.from({ length: text.length }, (_, at) => {
      const code = text.charCodeAt(at);
      const isPlain = code >= 32 && code < 127 && !'"\\'.includes(text[at]) && this.random.chance(0.7);
      return isPlain ? text[at] : `\\u${code.toString(16).padStart(4, '0')}`;
    });
    return `"${escaped.join('')}"`;
  }

  /** The same number, written otherwise. */
  written(value) {
    if (!/^-?\d+(\.\d+)?$/.test(value)) return value;
    const forms = [`${value}e0`, `${value}E+0`, value.includes('.') ? `${value}00` : `${value}.0`];
    if (value === '0') forms.push('-0', '0.0', '0e5', '-0.0');
    if (/^[1-9]\d*$/.test(value)) forms.push(`${value}0e-1`, `${value}00E-2`);
    return this.random.pick(forms);
  }
}

/** The JSON text of a row's members. */
export const rowText = (members) => `{${members.map(([name, value]) => `${name}:${value}`).join(',')}}`;

export const membersOf = (rows, random) => (random.chance(LEGAL) ? rows.legal() : rows.tampered());
