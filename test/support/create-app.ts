import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.setup.js';
import { AppConfig } from '../../src/config/app-config.js';
import { ARTIFACTS } from './artifacts.js';
import { atEnd } from './clean-up.js';
import { watchCodes } from './declared-codes.js';
import { type PredictionRecord, readRecords } from './records.js';
import { temporaryFolder } from './temporary-folder.js';

type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body where it is JSON of any kind. */
  readonly body: unknown;
}

/** The whole application without a port. */
export class TestApp {
  private closing: Promise<void> | undefined;

  constructor(
    readonly app: NestFastifyApplication,
    readonly settings: Readonly<Record<string, string>>,
  ) {}

  get(url: string, headers: Headers = {}): Promise<Answer> {
    return this.send('GET', url, undefined, headers);
  }

  /** Posts `body` as JSON; a text or bytes go out as they are. */
  post(url: string, body: unknown, headers: Headers = {}): Promise<Answer> {
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.send('POST', url, payload, { 'content-type': 'application/json', ...headers });
  }

  async send(method: string, url: string, payload?: string | Buffer, headers: Headers = {}): Promise<Answer> {
    const reply = await this.app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(payload !== undefined && { payload }),
    });
    const isJson = reply.body !== '' && /[/+]json/.test(String(reply.headers['content-type']));
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      body: isJson ? reply.json<unknown>() : undefined,
    };
  }

  close(): Promise<void> {
    return (this.closing ??= this.app.close());
  }

  records(): PredictionRecord[] {
    return readRecords(this.settings['PREDICTION_LOG_DIR']!);
  }

  /** The application log as it stands in its file, each line parsed. */
  applicationLog(): Record<string, unknown>[] {
    return readFileSync(join(this.settings['LOG_DIR']!, 'nestor.log'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** Settings for a test: nothing outside of temporary folders is written, the console stays quiet. */
export function testSettings(overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    APP_STAGE: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    ARTIFACTS_DIR: ARTIFACTS,
    PREDICTION_LOG_DIR: temporaryFolder(),
    STATE_DIR: temporaryFolder(),
    LOG_LEVEL: 'error',
    ...overrides,
  };
}

/** Builds the application as `main` does; it is closed when the test file is done. */
export async function createTestApp(overrides: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const settings = testSettings(overrides);
  const app = await createApp(AppConfig.from(settings));
  const test = new TestApp(app, settings);
  atEnd(() => test.close());
  watchCodes(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return test;
}
