import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { SCOPES } from '../access/scope.js';
import { StartupFault } from '../errors/startup-fault.js';
import { audit } from './audit.js';
import { reportVersion } from './check-version.js';
import { Failure } from './failure.js';
import { sendFeedback } from './feedback.js';
import { runKey } from './keys.js';
import { followJob, showJobs } from './jobs.js';
import { type KeyFiles, remoteOf, remotesOf } from './known-remote.js';
import { runLog } from './log.js';
import { promote, type Promotion } from './promote.js';
import { pull } from './pull.js';
import { push } from './push.js';
import { type Asked, train } from './train.js';

const HELP = `Usage: nestor <command>

Commands:
  check <folder> [--json]     check a version folder as a server would: digests, manifest, graph, every golden sample;
                              exit code 1 and the reason if a server would refuse it
  push <folder> --to <url>    upload a version folder to a server, and wait until it is ready there
  pull <model> --from <url> --version <v> --to <folder>
                              download a version from a server into a new folder
  promote <model> --from <url> --to <url> [--version <v>] [--reason <text>] [--force]
                              copy a version from one server to another, byte for byte, and make it champion there;
                              without --version: the champion of the first server. Prints what the gate of the first
                              server said of it, and goes on from a refusal only by --force with a --reason
  jobs [<id>] --from <url> [--follow]
                              list the newest trainings of a server, or show one; --follow shows it, or the newest,
                              until it has ended, with exit code 1 unless it was done
  train <model> --from <url> [--arguments <json>] [--idempotency-key <text>] [--json]
                              ask a server for a training and show it until it has ended; exit code 1 unless it was done
                              and its gate has not failed. With the key of before it is the training of before; --json
                              prints the job
  feedback <labels.csv|ndjson> --to <url>
                              send what turned out to be true of predictions: a table with the columns
                              prediction_id,value, or such an object a line; exit code 1 if some are rejected
  key create --name <text> --scopes <list> [--models <list>] [--rate <rows per second>] [--burst <rows>]
             [--expires <time>] [--file <keys.json>]
                              make a key and add it to a file of keys, which is made if it is missing. The key is printed
                              this once, alone on standard output. Scopes: ${SCOPES.join(', ')}
  key list [--file <keys.json>] [--json]
                              list the keys of a file: ids, names and what they are good for
  key revoke <id> [--file <keys.json>]
                              take a key out of a file; running servers refuse it within 5 seconds
  log verify [<dir>] [--json] [--public-key <pem>] [--head <digest>]
                              count the prediction records below <dir> by model, look for torn lines and ids that stand
                              twice, and compare all with their seals; exit code 1, and the first line of each file that
                              was changed, moved, added or removed. With the key every seal must be signed by it; with
                              the digest of a head (from the log or the metrics of a server) the seals must still have it
  log prune [<dir>] --older-than <days>d [--dry-run] [--by <name>]
                              remove the records of whole days that are older, and enter that in the ledger; --dry-run
                              only says which
  log erase [<dir>] --principal <name> | --where <input>=<value> [--by <name>]
                              take the records of a caller, or of those with that input, away but for their places and
                              digests, and enter that in the ledger; exit code 3 if a file that a server still writes to
                              has some
  log find <id> [<dir>]       print the record of a prediction
  log compress [<dir>]        pack the record files of past days with gzip
  audit [<dir>] [--id <id>] [--principal <who>] [--model <name>] [--since <time>] [--until <time>] [--format csv]
                              print the records of which all that is true: who asked, when, which model with its digest,
                              from what inputs, and what was answered; as they were written, or as a table in CSV.
                              --until is the time before which they are. Exit code 1 if lines could not be read
  openapi [--out <file>]      write the OpenAPI document of this build and its models (default: standard output)

Options:
  -h, --help                  this text

Without <dir>, log and audit work on PREDICTION_LOG_DIR as a server would read it; without --file, key works on
API_KEYS_FILE.
Where a server asks for a key, commands show it the one of NESTOR_API_KEY, or of the file of --key-file <file>; promote,
which calls two servers, those of --from-key-file and --to-key-file. Where it does not, push, pull, promote, jobs and train
work on its own machine alone, unless its operator has set AUTH=off.
Exit codes: 0 done, 1 refused or failed (the reason is printed), 2 wrong usage, 3 not all could be erased yet.
`;

const TEXT = { type: 'string' } as const;

/** Runs one command. @returns the exit code. */
async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      out: TEXT,
      from: TEXT,
      to: TEXT,
      version: TEXT,
      'older-than': TEXT,
      'dry-run': { type: 'boolean' },
      'public-key': TEXT,
      head: TEXT,
      principal: TEXT,
      where: TEXT,
      by: TEXT,
      arguments: TEXT,
      'idempotency-key': TEXT,
      follow: { type: 'boolean' },
      force: { type: 'boolean' },
      reason: TEXT,
      file: TEXT,
      name: TEXT,
      scopes: TEXT,
      models: TEXT,
      rate: TEXT,
      burst: TEXT,
      expires: TEXT,
      'key-file': TEXT,
      'from-key-file': TEXT,
      'to-key-file': TEXT,
      id: TEXT,
      model: TEXT,
      since: TEXT,
      until: TEXT,
      format: TEXT,
    },
  });
  const [command, sub, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return command === undefined && !values.help ? 2 : 0;
  }
  if (command === 'check' && sub !== undefined && rest.length === 0) {
    return reportVersion(sub, values.json ?? false);
  }
  if (sub !== undefined && rest.length === 0 && (await runRemote(command, sub, values))) return 0;
  if (command === 'jobs' && values.from !== undefined && rest.length === 0) {
    const remote = remoteOf(values.from, values);
    await (values.follow ? followJob(sub, remote) : showJobs(sub, remote));
    return 0;
  }
  if (command === 'key' && (await runKey(sub, rest, values))) return 0;
  if (command === 'log') {
    const code = await runLog(sub, rest, values);
    if (code !== undefined) return code;
  }
  if (command === 'audit' && rest.length === 0) return audit(sub, values);
  if (command === 'openapi' && sub === undefined) {
    // The whole application, which no other command needs.
    const { writeOpenApi } = await import('./write-openapi.js');
    return writeOpenApi(values.out);
  }
  process.stderr.write(`nestor: "${args.join(' ')}" is not a command, or lacks an option\n\n${HELP}`);
  return 2;
}

interface Called extends Promotion, Omit<Asked, 'key'>, KeyFiles {
  readonly from?: string;
  readonly to?: string;
  readonly 'idempotency-key'?: string;
}

/** Runs a command that calls servers. @returns false if it is none, or lacks an option. */
async function runRemote(
  command: string,
  what: string,
  { from, to, 'idempotency-key': key, ...more }: Called,
): Promise<boolean> {
  if (command === 'push' && to !== undefined) await push(what, remoteOf(to, more));
  else if (command === 'feedback' && to !== undefined) await sendFeedback(what, remoteOf(to, more));
  else if (command === 'pull' && from !== undefined && to !== undefined && more.version !== undefined)
    await pull(what, more.version, remoteOf(from, more), to);
  else if (command === 'promote' && from !== undefined && to !== undefined)
    await promote(what, ...remotesOf(from, to, more), more);
  else if (command === 'train' && from !== undefined)
    await train(what, remoteOf(from, more), { ...more, key });
  else return false;
  return true;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof Failure) {
    process.stderr.write(`nestor: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
  process.stderr.write(
    isUsage ? `nestor: ${(error as Error).message}\n\n${HELP}` : `${StartupFault.from(error).message}\n`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
