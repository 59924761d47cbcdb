import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { makeFolder } from '../files/writable-folder.js';
import { type Arguments, operate, type OperationName } from './operations.js';
import type { SqliteCall, SqliteReply } from './sqlite-calls.js';
import { type OpenSqlite, openSqlite, toFault } from './sqlite-database.js';
import { refusalOf } from './state-answer.js';
import { StateFault } from './state-faults.js';

const port = parentPort!;
const { path } = workerData as { path: string };
let database: OpenSqlite | undefined;
let waiting: SqliteCall[] = [];
let isBusy = false;

port.on('message', (call: SqliteCall) => {
  waiting.push(call);
  if (isBusy) return;
  isBusy = true;
  setImmediate(() => void work());
});

/** Does what waits, and what comes meanwhile; all that came in one turn is one transaction, so one wait for the disk. */
async function work(): Promise<void> {
  while (waiting.length > 0) {
    const calls = waiting;
    waiting = [];
    const replies = await answers(calls);
    for (const reply of replies) port.postMessage(reply);
    if (calls.some(({ name }) => name === 'close')) return port.close();
  }
  isBusy = false;
}

async function answers(calls: readonly SqliteCall[]): Promise<SqliteReply[]> {
  try {
    if (database === undefined) await open();
    return await inOneTransaction(database!, calls);
  } catch (error) {
    database?.file.close();
    database = undefined;
    return calls.map(({ id }) => refusal(id, toFault(error)));
  } finally {
    if (calls.some(({ name }) => name === 'close')) {
      database?.file.close();
      database = undefined;
    }
  }
}

async function open(): Promise<void> {
  try {
    makeFolder(dirname(path), 0o750);
  } catch (error) {
    throw new StateFault((error as Error).message);
  }
  database = await openSqlite(path);
}

async function inOneTransaction(
  { file, db }: OpenSqlite,
  calls: readonly SqliteCall[],
): Promise<SqliteReply[]> {
  const replies: SqliteReply[] = [];
  let hasForgotten = false;
  file.exec('begin immediate');
  for (const { id, name, parameters, deadline } of calls) {
    if (name === 'close') {
      replies.push({ id, result: undefined });
      continue;
    }
    // Nobody waits for it any more: done now, it would have been accepted without anybody knowing.
    if (Date.now() > deadline) {
      replies.push(refusal(id, new StateFault('it came too late')));
      continue;
    }
    file.exec('savepoint call');
    try {
      const operation = name === 'open' ? 'pulse' : name;
      const result = await operate(db, operation, parameters as Arguments<OperationName>);
      file.exec('release call');
      hasForgotten ||= operation === 'forgetPredictions' && result !== 0;
      replies.push({ id, result });
    } catch (error) {
      // A full disk has ended the whole transaction by now.
      if (!file.isTransaction) throw error;
      file.exec('rollback to call; release call');
      replies.push(refusal(id, toFault(error)));
    }
  }
  file.exec('commit');
  // The log of writes still has what was deleted, as it was before.
  if (hasForgotten) file.exec('pragma wal_checkpoint(truncate)');
  return replies;
}

const refusal = (id: number, error: unknown): SqliteReply => ({ id, ...refusalOf(error) });
