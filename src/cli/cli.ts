import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { StartupFault } from '../errors/startup-fault.js';
import { verifyLog } from './verify-log.js';
import { writeOpenApi } from './write-openapi.js';

const HELP = `Usage: nestor <command>

Commands:
  log verify <dir> [--json]   read every prediction record below <dir>; report records per model, torn lines and
                              duplicate ids; exit code 1 if there is any of the last two
  openapi [--out <file>]      write the OpenAPI document of this build and its models (default: standard output)

Options:
  -h, --help                  this text
`;

/** Runs one command. @returns the exit code. */
async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' }, out: { type: 'string' } },
  });
  const [command, sub, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return command === undefined && !values.help ? 2 : 0;
  }
  if (command === 'log' && sub === 'verify' && rest[0] !== undefined && rest.length === 1) {
    return verifyLog(rest[0], values.json ?? false);
  }
  if (command === 'openapi' && sub === undefined) return writeOpenApi(values.out);
  process.stderr.write(`nestor: "${positionals.join(' ')}" is not a command\n\n${HELP}`);
  return 2;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
  process.stderr.write(
    isUsage ? `nestor: ${(error as Error).message}\n\n${HELP}` : `${StartupFault.from(error).message}\n`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
