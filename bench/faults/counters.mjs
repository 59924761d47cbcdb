import { setTimeout as after } from 'node:timers/promises';
import { call } from '../call.mjs';

const EVERY_MS = 200;
const TYPE = /^# TYPE (\w+) (?:counter|histogram|summary)$/gm;
const SERIES = /^((\w+?)(?:_bucket|_sum|_count)?(?:\{.*\})?) (\S+)$/;

/** Reads /metrics again and again, each time by a connection of its own, and notes each counter that goes back. */
export class CounterWatch {
  /** What has fallen, as words; the same series once. */
  fallen = new Map();
  read = 0;
  #last = new Map();
  #isStopped = false;

  constructor(port) {
    this.reading = (async () => {
      while (!this.#isStopped) {
        const { status, text } = await call(port, 'GET', '/metrics', { headers: { connection: 'close' } });
        if (status === 200) this.#look(text);
        await after(EVERY_MS);
      }
    })();
  }

  async stop() {
    this.#isStopped = true;
    await this.reading;
    return this;
  }

  #look(text) {
    this.read++;
    const growing = new Set([...text.matchAll(TYPE)].map(([, name]) => name));
    for (const line of text.split('\n')) {
      const [, series, name, value] = SERIES.exec(line) ?? [];
      if (series === undefined || !growing.has(name)) continue;
      const [before, now] = [this.#last.get(series), Number(value)];
      if (now < before && !this.fallen.has(series)) this.fallen.set(series, `${series} ${before} → ${now}`);
      this.#last.set(series, now);
    }
  }
}
