import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable, type LoggerService, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, format, type Logger, transports } from 'winston';
import { AppConfig } from '../config/app-config.js';
import { folderFault, isDiskFull, makeFolder, probeFolder } from '../files/writable-folder.js';

type Facts = Readonly<Record<string, unknown>>;

const FILE = 'nestor.log';

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
  private ended: Promise<void> | undefined;
  /** Whether one line per request is wanted; asked once, so that the default costs nothing per request. */
  readonly logsAccess: boolean;

  /** @throws StartupFault if there is to be a copy in `LOG_DIR` and it cannot be written. */
  constructor(config: AppConfig) {
    const full = config.logDir === '' ? undefined : openFolder(config.logDir);
    this.winston = createLogger({
      level: config.logLevel,
      format: format.combine(format.timestamp(), config.logFormat === 'json' ? format.json() : pretty),
      transports: [
        new transports.Console(),
        ...(config.logDir === '' || full !== undefined
          ? []
          : [
              new transports.File({
                dirname: config.logDir,
                filename: FILE,
                maxsize: 10_485_760,
                maxFiles: 5,
              }),
            ]),
      ],
    });
    this.winston.on('error', (error) => process.stderr.write(`application log: ${error.message}\n`));
    this.logsAccess = this.winston.isLevelEnabled('http');
    if (full !== undefined)
      this.warn('application log not copied to LOG_DIR until the next start', { error: full.message });
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
    this.ended ??= new Promise((resolve) => {
      this.winston.once('finish', resolve);
      this.winston.end();
    });
    return this.ended;
  }
}

/**
 * Makes and tries the folder, because winston says nothing of a file that it cannot open: it waits for it, and soon
 * the console waits too.
 * @returns the error of a full disk.
 */
function openFolder(folder: string): Error | undefined {
  try {
    makeFolder(folder);
    probeFolder(folder);
    closeSync(openSync(join(folder, FILE), 'a'));
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
