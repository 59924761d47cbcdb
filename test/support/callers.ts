import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { TURNOVER_ROW } from './turnover-row.js';

const PAUSE_MS = 50;
const BODY = JSON.stringify(TURNOVER_ROW);

/** Callers of one port who predict until they are told to stop: some keep their connection, others have one for each call. */
export class Callers {
  calls = 0;
  /** Refused because this machine had too much else to do: told apart, as it is no failure of a stop. */
  overloaded = 0;
  readonly failures: string[] = [];
  private isStopped = false;
  private readonly all: Promise<unknown>;

  constructor(
    private readonly port: number,
    { kept = 32, perCall = 16 } = {},
  ) {
    this.all = Promise.all([
      ...Array.from({ length: kept }, () => this.repeat(new Agent({ keepAlive: true, maxSockets: 1 }))),
      ...Array.from({ length: perCall }, () => this.repeat(new Agent({ keepAlive: false }))),
    ]);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.all;
  }

  async until(calls: number): Promise<void> {
    while (this.calls < calls) await after(PAUSE_MS);
  }

  private async repeat(agent: Agent): Promise<void> {
    while (!this.isStopped) {
      await this.call(agent).catch((error: unknown) => this.failures.push(String(error)));
      this.calls++;
      await after(PAUSE_MS);
    }
    agent.destroy();
  }

  private async call(agent: Agent): Promise<void> {
    const call = request({
      agent,
      port: this.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/models/turnover/predict',
      headers: { 'content-type': 'application/json', 'content-length': BODY.length },
    });
    call.end(BODY);
    const [reply] = (await once(call, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of reply.setEncoding('utf8')) text += part as string;
    if (text.includes('urn:nestor:problem:overloaded')) this.overloaded++;
    else if (reply.statusCode !== 200 || !text.endsWith('}'))
      this.failures.push(`${reply.statusCode} ${text}`);
  }
}
