// npm run new:model -- <name>: writes the TypeScript of a model from its manifest: a DTO and a definition.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const DECORATORS = {
  number: 'NumberInput',
  integer: 'IntegerInput',
  category: 'CategoryInput',
  text: 'TextInput',
};
const TYPES = { number: 'number', integer: 'number', category: 'string', text: 'string' };
const USAGE = 'usage: npm run new:model -- <name>   where artifacts/<name>/<version>/manifest.json exists';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || name === '--help' || rest.length > 0) stop(USAGE, name === '--help' ? 0 : 2);
const manifest = readManifest(name);
const words = name.split(/[^a-z0-9]+/);
const pascal = words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
const camel = pascal[0].toLowerCase() + pascal.slice(1);

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
  return JSON.parse(readFileSync(`${folder}/${latest}/manifest.json`, 'utf8'));
}

function dto() {
  const used = [...new Set(manifest.inputs.map(({ type }) => DECORATORS[type]))].toSorted((a, b) =>
    a.localeCompare(b),
  );
  return `import { ${used.join(', ')} } from '../../inputs/input-decorators.js';

    /** ${manifest.description.replaceAll('*/', '* /')} */
    export class ${pascal}Input {
      ${manifest.inputs.map(field).join('\n\n')}
    }`;
}

function field({
  name: input,
  type,
  description,
  unit,
  minimum,
  maximum,
  nullable,
  categories,
  maximum_length,
  example,
}) {
  const rules = {
    description,
    unit,
    minimum,
    maximum,
    nullable,
    categories,
    maximumLength: maximum_length,
    example,
  };
  const property = /^[A-Za-z_$][\w$]*$/.test(input) ? input : JSON.stringify(input);
  return `@${DECORATORS[type]}(${JSON.stringify(rules)})
    ${property}${nullable ? '?' : '!'}: ${TYPES[type]}${nullable ? ' | null' : ''};`;
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
