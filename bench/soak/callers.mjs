import { Agent, request } from 'node:http';
import { Random } from '../random.mjs';

/** So rare calls may be that one of a thousand is too often. */
const TENTHS = 10;

/** Callers on kept-alive connections, each of which asks again as soon as it has its reply. */
export class Callers {
  done = 0;
  /** What got another reply than it should. */
  wrong = [];

  constructor(port, calls, connections) {
    this.port = port;
    this.connections = connections;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.deck = calls.flatMap((call) => Array.from({ length: call.often * TENTHS }, () => call));
    this.random = new Random(1);
  }

  /** Asks for so many milliseconds. */
  async ask(milliseconds) {
    const end = performance.now() + milliseconds;
    const caller = async () => {
      while (performance.now() < end) {
        await this.one(this.random.pick(this.deck));
        this.done++;
      }
    };
    await Promise.all(Array.from({ length: this.connections }, caller));
  }

  one({ method, path, body, expected, isLast, isAborted, more }) {
    const headers = {
      ...more,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': body.length }),
      ...(isLast && { connection: 'close' }),
    };
    return new Promise((resolve) => {
      const sent = request({ port: this.port, host: '127.0.0.1', method, path, headers, agent: this.agent });
      sent.on('response', (response) => {
        if (expected.includes(response.statusCode)) {
          response.resume().on('close', resolve);
          return;
        }
        response.setEncoding('utf8');
        let said = '';
        response.on('data', (text) => (said += text));
        response.on('close', () => {
          this.wrong.push(
            `${method} ${path}: ${response.statusCode}, expected ${expected.join(' or ')}: ${said.slice(0, 500)}`,
          );
          resolve();
        });
      });
      sent.on('error', (error) => {
        if (!isAborted) this.wrong.push(`${method} ${path}: ${error.message}`);
        resolve();
      });
      if (isAborted) {
        sent.write(body.subarray(0, body.length >> 1), () => sent.destroy());
        sent.on('close', resolve);
      } else {
        sent.end(body);
      }
    });
  }
}
