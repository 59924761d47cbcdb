import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { StartupFault } from '../errors/startup-fault.js';
import { reportVersion } from './check-version.js';
import { verifyLog } from './verify-log.js';

const HELP = `Usage: nestor <command>

Commands:
  check <folder> [--json]     say of a version folder what the server would say: digests, manifest, graph, every golden
                              sample; exit code 1 and the reason if it would be refused
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
  if (command === 'check' && sub !== undefined && rest.length === 0) {
    return reportVersion(sub, values.json ?? false);
  }
  if (command === 'log' && sub === 'verify' && rest[0] !== undefined && rest.length === 1) {
    return verifyLog(rest[0], values.json ?? false);
  }
  if (command === 'openapi' && sub === undefined) {
    // The whole application, which no other command needs.
    const { writeOpenApi } = await import('./write-openapi.js');
    return writeOpenApi(values.out);
  }
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
