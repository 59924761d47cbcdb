import { GONE, type MetricFamily, rowLength } from '../observability/metric-family.js';
import { merged, noLower, rowAt, rowsOf } from './merged-family.js';

type Families = ReadonlyMap<string, MetricFamily>;

/**
 * The metrics of several processes as one. What a counter or a histogram has shown never goes back: what a process has
 * counted stays when it ends, and one that is silent is counted with what it told last.
 */
export class MetricsSum {
  /** What each process told last, by name. */
  private readonly told = new Map<number, Map<string, MetricFamily>>();
  /** By name and labels: what is added to that of the processes, as those have counted it who have ended. */
  private readonly carried = new Map<string, Carried>();
  /** Sums as they were shown last, by name. */
  private readonly shown = new Map<string, MetricFamily>();

  /** Takes what a process tells now, all of it or a part: what it does not tell stays as it was. */
  take(process: number, families: readonly MetricFamily[]): void {
    const before = this.told.get(process) ?? new Map<string, MetricFamily>();
    this.told.set(process, before);
    for (const family of families) {
      const last = before.get(family.name);
      before.set(family.name, family);
      if (last !== undefined && family.type !== 'gauge') this.carryEnded(last, family);
    }
  }

  /** Whether this process has told something and has not ended. */
  has(process: number): boolean {
    return this.told.has(process);
  }

  /** A process has ended: what it has counted is kept, what it has measured is not. */
  end(process: number): void {
    const last = this.told.get(process);
    this.told.delete(process);
    for (const family of last?.values() ?? []) {
      if (family.type === 'gauge') continue;
      for (const [labels, row] of rowsOf(family)) this.carriedOf(family).add(labels, row);
    }
  }

  /** All metrics. @param first the process that comes first where one of them is shown for all */
  families(first: number): MetricFamily[] {
    const others = [...this.told].filter(([process]) => process !== first).map(([, families]) => families);
    const all: Families[] = [this.told.get(first) ?? new Map(), ...others];
    const names = new Set([...all.flatMap((families) => [...families.keys()]), ...this.carried.keys()]);
    return [...names].map((name) => {
      const found = all.map((families) => families.get(name)).filter((each) => each !== undefined);
      const carried = this.carried.get(name);
      const now = merged(carried === undefined ? found : [...found, carried.family()]);
      return now.type === 'gauge' ? now : this.show(now);
    });
  }

  private show(sum: MetricFamily): MetricFamily {
    const before = this.shown.get(sum.name);
    this.shown.set(sum.name, before === undefined ? sum : noLower(before, sum));
    return sum;
  }

  /**
   * A series that a process has no more, or that begins anew, has handed over what it had counted to that of `gone`, where
   * there is one. As long as another process has the series, it keeps all that and the other one waits for it; then it
   * ends here as well. So neither of them goes back, nor does the sum of both.
   */
  private carryEnded(last: MetricFamily, now: MetricFamily): void {
    let rows: Map<string, Float64Array> | undefined;
    for (const [index, labels] of last.labels.entries()) {
      const row = rowAt(last, index);
      // Nearly always it stands where it stood.
      const next =
        now.labels[index] === labels ? rowAt(now, index) : (rows ??= new Map(rowsOf(now))).get(labels);
      if (next !== undefined && next.at(-1)! >= row.at(-1)!) continue;
      const carried = this.carriedOf(last);
      const heir = heirOf(labels, last.endsBy);
      if (heir === labels) carried.add(labels, row);
      else if (this.isTold(last.name, labels)) carried.move(labels, heir, row);
      else carried.end(labels, heir);
    }
  }

  /** Whether any process has this series. */
  private isTold(name: string, labels: string): boolean {
    return [...this.told.values()].some((families) => families.get(name)?.labels.includes(labels));
  }

  private carriedOf(family: MetricFamily): Carried {
    const known = this.carried.get(family.name) ?? new Carried(family);
    this.carried.set(family.name, known);
    return known;
  }
}

/** What is added to the series of one metric. */
class Carried {
  private readonly rows = new Map<string, Float64Array>();

  constructor(private readonly like: MetricFamily) {}

  add(labels: string, row: Float64Array): void {
    const sum = this.rows.get(labels) ?? new Float64Array(row.length);
    this.rows.set(
      labels,
      sum.map((value, index) => value + row[index]!),
    );
  }

  /** Adds to one series what another one has too much until that one ends. */
  move(labels: string, heir: string, row: Float64Array): void {
    this.add(labels, row);
    this.add(
      heir,
      row.map((value) => -value),
    );
  }

  /** Ends a series; the other one goes on with what was carried for it. */
  end(labels: string, heir: string): void {
    const row = this.rows.get(labels);
    this.rows.delete(labels);
    if (row !== undefined) this.add(heir, row);
  }

  family(): MetricFamily {
    const values = new Float64Array(this.rows.size * rowLength(this.like));
    let at = 0;
    for (const row of this.rows.values()) {
      values.set(row, at);
      at += row.length;
    }
    return { ...this.like, labels: [...this.rows.keys()], values };
  }
}

/** Which series goes on with what this one has counted; itself where its metric has no such series. */
function heirOf(labels: string, endsBy: string | undefined): string {
  if (endsBy === undefined) return labels;
  return labels.replace(new RegExp(`(^|,)${endsBy}="(?:[^"\\\\]|\\\\.)*"`), `$1${endsBy}="${GONE}"`);
}
