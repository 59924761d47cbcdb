import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Injectable, type LoggerService, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, format, type Logger, transports } from 'winston';
import { workerNumber } from '../channel/worker-number.js';
import { AppConfig } from '../config/app-config.js';
import { folderFault, isDiskFull, makeFolder, probeFolder } from '../files/writable-folder.js';
import { LogFile } from './log-file.js';

type Facts = Readonly<Record<string, unknown>>;

const MAX_BYTES = 10_485_760;
const MAX_FILES = 5;

/** Of each log that is open: one listener tells them all, as a process of tests opens more than Node expects of one. */
const consoles = new Set<(error: Error) => void>();

// A reader that goes must not take the server with it; without a listener, Node ends the process at the next line.
process.stdout.on('error', (error) => {
  for (const onGone of consoles) onGone(error);
});
process.stderr.on('error', () => undefined);

const pretty = format.printf(({ level, message, timestamp, ...facts }) => {
  const { stack, ...rest } = facts as { stack?: string };
  const tail = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return (
    [`${String(timestamp)} ${level.padEnd(5)} ${String(message)}`, ...tail].join(' ') +
    (stack ? `\n${stack}` : '')
  );
});

/**
 * The application log: what the program does, never what was asked of it. No input and no prediction goes in here;
 * those have the prediction log. A message is a constant text; facts stand beside it.
 */
@Injectable()
export class AppLogger implements LoggerService, OnApplicationShutdown {
  private readonly winston: Logger;
  private readonly console = new transports.Console();
  private readonly file: LogFile | undefined;
  private ended: Promise<void> | undefined;
  /** Whether one line per request is wanted; asked once, so that the default costs nothing per request. */
  readonly logsAccess: boolean;

  /** @throws StartupFault if there is to be a copy in `LOG_DIR` and it cannot be written. */
  constructor(config: AppConfig) {
    const { logDir } = config;
    const worker = workerNumber();
    // Whoever rotates a file must be the only one who writes to it.
    const name = worker === undefined ? 'nestor' : `nestor.worker-${worker}`;
    const full = logDir === '' ? undefined : openFolder(logDir, name);
    if (logDir !== '') this.file = new LogFile(logDir, name, MAX_BYTES, MAX_FILES);
    this.winston = createLogger({
      level: config.logLevel,
      defaultMeta: worker === undefined ? {} : { worker },
      format: format.combine(format.timestamp(), config.logFormat === 'json' ? format.json() : pretty),
      transports: [this.console, ...(this.file === undefined ? [] : [copyTo(this.file)])],
    });
    this.winston.on('error', (error) => process.stderr.write(`application log: ${error.message}\n`));
    this.logsAccess = this.winston.isLevelEnabled('http');
    consoles.add(this.onConsoleGone);
    this.file?.on('failing', ({ message: error }) =>
      this.warn('application log cannot be copied to LOG_DIR; lines are missing there until it can', {
        error,
      }),
    );
    this.file?.on('resumed', (lost) =>
      this.warn('application log is copied to LOG_DIR again', { lines_lost: lost }),
    );
    if (full !== undefined) this.file?.fail(full);
  }

  info(message: string, facts: Facts = {}): void {
    this.winston.info(message, facts);
  }

  access(facts: Facts): void {
    this.winston.log('http', 'request', facts);
  }

  /** Logs an error with its stack: for what an operator must look into. */
  failure(message: string, error: unknown, facts: Facts = {}): void {
    const { stack } = error instanceof Error ? error : new Error(String(error));
    this.winston.error(message, { ...facts, stack });
  }

  warn(message: string, ...context: unknown[]): void {
    this.winston.warn(message, facts(context));
  }

  // Nest's own lines (LoggerService): start-up particulars belong to debug.
  log(message: string, ...context: unknown[]): void {
    this.winston.debug(message, facts(context));
  }

  error(message: string, ...context: unknown[]): void {
    this.winston.error(message, facts(context));
  }

  /** Ends the log when its last line is written; asking twice is one end. */
  onApplicationShutdown(): Promise<void> {
    this.ended ??= this.end();
    return this.ended;
  }

  private async end(): Promise<void> {
    const ends = this.winston.transports.map((transport) => once(transport, 'finish'));
    this.winston.end();
    await Promise.all(ends);
    await this.file?.close();
    consoles.delete(this.onConsoleGone);
  }

  /** Whoever read the console has gone (`| head`), or its disk is full; the file goes on. */
  private readonly onConsoleGone = ({ message }: Error): void => {
    if (this.console.silent) return;
    this.console.silent = true;
    this.warn('standard output cannot be written; its log ends here', { error: message });
  };
}

/** winston's lines without its way to hold up one transport for the other: `write` is done at once. */
const copyTo = (file: LogFile): transports.StreamTransportInstance =>
  new transports.Stream({
    stream: new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, next) => {
        file.write(line);
        next();
      },
    }),
  });

/**
 * Makes and tries the folder: that it cannot be written is said at the start, unless its disk is full, which passes.
 * @returns the error of a full disk.
 */
function openFolder(folder: string, name: string): Error | undefined {
  try {
    makeFolder(folder);
    probeFolder(folder);
    closeSync(openSync(join(folder, `${name}.log`), 'a'));
    return undefined;
  } catch (error) {
    if (isDiskFull(error)) return error as Error;
    throw folderFault('LOG_DIR', folder, error);
  }
}

function facts(context: readonly unknown[]): Facts {
  const [last] = context.slice(-1);
  if (typeof last === 'object' && last !== null) return last as Facts;
  return last === undefined ? {} : { context: last };
}
