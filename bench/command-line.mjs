// What a bench is asked by its command line.
import { parseArgs } from 'node:util';

/**
 * The options of a bench by their names, each with the value that it has where it is not given: a text, false, or a list of texts
 * that grows each time that it is given. `--help` prints `help` and ends the process; so does what is none of them, with exit code 2.
 */
export function optionsOf(help, usual) {
  const options = Object.entries(usual).map(([name, value]) => [name, { ...kindOf(value), default: value }]);
  let values;
  try {
    const known = { ...Object.fromEntries(options), help: { type: 'boolean', short: 'h', default: false } };
    ({ values } = parseArgs({ options: known }));
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
  if (!values.help) return values;
  console.log(help);
  return process.exit(0);
}

function kindOf(value) {
  if (Array.isArray(value)) return { type: 'string', multiple: true };
  return { type: typeof value };
}
