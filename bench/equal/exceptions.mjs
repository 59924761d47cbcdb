// What is meant to differ between two builds, said one by one.
import { readFileSync } from 'node:fs';

/**
 * A list of `{reason, of, call, pattern, by}`. Where two texts differ, `pattern` (a regular expression) is replaced by `by` in
 * both, and they are compared again; all else that differs in them is still told. `of` is what the texts are: `reply`,
 * `connection`, `record` or `counter`. `call`, a regular expression too, says of which calls: of a reply or a connection the
 * bytes that were sent, of a record the request and row. Where `of` is `call`, `pattern` is searched in the name of the door or
 * case and, in lines below it, in the bytes: what it finds is sent to neither, as all of its answer is meant to differ.
 */
export class Exceptions {
  /** @param path of a JSON file; without one nothing is excepted. */
  constructor(path) {
    const listed = path === undefined ? [] : JSON.parse(readFileSync(path, 'utf8'));
    this.rules = listed.map(({ reason, of, call = '', pattern, by = '' }) => ({
      reason,
      of,
      call: new RegExp(call),
      pattern: new RegExp(pattern, 'gm'),
      by,
      count: 0,
    }));
  }

  /** Whether neither build is asked by `bytes`, which come through the door or as the case of this name. */
  leavesOut(name, bytes) {
    const text = `${name}\n${bytes.toString('latin1')}`;
    const rule = this.rules.find(({ of, pattern }) => of === 'call' && text.search(pattern) !== -1);
    if (rule !== undefined) rule.count++;
    return rule !== undefined;
  }

  /** Both texts without what is excepted in them. */
  without(of, call, mine, others) {
    let texts = [mine, others];
    for (const rule of this.rules) {
      if (texts[0] === texts[1]) break;
      if (rule.of !== of || !rule.call.test(call)) continue;
      const changed = texts.map((text) => text.replace(rule.pattern, rule.by));
      if (changed.some((text, at) => text !== texts[at])) rule.count++;
      texts = changed;
    }
    return texts;
  }

  /** How often each was met, for people; one that never was is not needed. */
  text() {
    return this.rules.map(({ reason, of, count }) => `  ${count} × ${of}: ${reason}`).join('\n');
  }
}
