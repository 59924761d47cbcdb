// npm run new:model -- <name>: writes the TypeScript of a model from its manifest: a DTO and a definition.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import typescript from 'typescript';
import { parseManifest } from '../dist/artifacts/manifest-schema.js';
import { manifestSchema } from '../dist/inputs/manifest-schema.js';

const USAGE = 'usage: npm run new:model -- <name>   where artifacts/<name>/<version>/manifest.json exists';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || name === '--help' || rest.length > 0) stop(USAGE, name === '--help' ? 0 : 2);
const manifest = readManifest(name);
const words = name.split(/[^a-z0-9]+/).filter(Boolean);
const pascal = words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
const camel = constantName(pascal[0].toLowerCase() + pascal.slice(1));

await write(`src/models/${name}/${name}.dto.ts`, dto());
await write(
  `src/models/${name}/${name}.definition.ts`,
  `import type { ModelDefinition } from '../model-definition.js';
   import { ${pascal}Input } from './${name}.dto.js';

   export const ${camel}: ModelDefinition = { name: '${name}', input: ${pascal}Input };`,
);
console.log(`One line is left, in src/models/definitions.ts:

export { ${camel} } from './${name}/${name}.definition.js';
`);

function readManifest(model) {
  const folder = `artifacts/${model}`;
  if (!/^[a-z][a-z0-9._-]{0,62}$/.test(model))
    stop(`"${model}" cannot name a TypeScript model: begin with a letter`);
  if (!existsSync(folder))
    stop(`${folder} does not exist; export the model first (CONTRIBUTING.md)\n${USAGE}`);
  const versions = readdirSync(folder).filter((entry) => /^\d+$/.test(entry));
  const latest = versions.toSorted((a, b) => a - b).at(-1);
  if (latest === undefined) stop(`${folder} holds no version folder`);
  try {
    return parseManifest(readFileSync(`${folder}/${latest}/manifest.json`));
  } catch (error) {
    return stop(`${folder}/${latest}: ${error.message}`);
  }
}

/** From the schema that the server will compare the class with, so the two say the same. */
function dto() {
  const { properties } = manifestSchema(manifest);
  const fields = Object.entries(properties).map(([input, schema]) => ({
    input,
    schema,
    ...decorated(schema),
  }));
  const used = [...new Set(fields.map(({ decorator }) => decorator))].toSorted((a, b) => a.localeCompare(b));
  return `import { ${used.join(', ')} } from '../../inputs/input-decorators.js';

    /** ${manifest.description.replaceAll('*/', '* /')} */
    export class ${pascal}Input {
      ${fields.map(field).join('\n\n')}
    }`;
}

/** The decorator that gives a field this schema, with what it is told, and the type of the field. */
function decorated({ type, enum: options, format, maxLength, minimum, maximum }) {
  if (options !== undefined) {
    const categories = options.filter((value) => value !== null);
    const nullable = categories.length < options.length || undefined;
    return { decorator: 'CategoryInput', rules: { categories, nullable }, of: typeof categories[0] };
  }
  const [kind] = [type].flat();
  const nullable = Array.isArray(type) || undefined;
  const bounded = { of: 'number', rules: { minimum, maximum, nullable } };
  switch (kind) {
    case 'number':
      return { decorator: 'NumberInput', ...bounded };
    case 'integer':
      return { decorator: 'IntegerInput', ...bounded };
    case 'boolean':
      return { decorator: 'BooleanInput', rules: { nullable }, of: 'boolean' };
    case 'string':
      return format === undefined
        ? { decorator: 'TextInput', rules: { maximumLength: maxLength, nullable }, of: 'string' }
        : { decorator: 'DateTimeInput', rules: { nullable }, of: 'string' };
    default:
      return stop(
        `new:model knows no decorator for an input of type ${kind}: add it to decorated() of scripts/new-model.mjs`,
      );
  }
}

function field({ input, schema, decorator, rules, of }) {
  const { description, 'x-unit': unit, examples } = schema;
  const told = { description, unit, ...rules, example: examples[0] };
  return `@${decorator}(${JSON.stringify(told)})
    ${propertyName(input)}${rules.nullable ? '?' : '!'}: ${of}${rules.nullable ? ' | null' : ''};`;
}

/** A field of a class may not be called like what every object has, such as "constructor". */
function propertyName(input) {
  if (input in Object.prototype)
    stop(`"${input}" cannot be a field of a class; the model is served without one, or rename that input`);
  return /^[A-Za-z_$][\w$]*$/.test(input) ? input : JSON.stringify(input);
}

/** A model may be called "new" or "class", a constant may not; TypeScript's scanner knows which words these are. */
function constantName(text) {
  const kind = typescript.identifierToKeywordKind(typescript.factory.createIdentifier(text)) ?? 0;
  return kind === 0 ? text : `${text}Model`;
}

async function write(path, text) {
  if (existsSync(path)) stop(`${path} is there already; remove it first if it should be written anew`);
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.log(`wrote ${path}`);
}

function stop(message, code = 1) {
  console.error(message);
  process.exit(code);
}
