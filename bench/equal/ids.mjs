// What stands in place of the ids that a server gives, so that the same call has the same text from two servers.
import { headOf } from './connection.mjs';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Calls ids by what they belong to: the request of a call, or one of its predictions. What those of one call are called hangs
 * on no other call, so a reply that differs is told once. A reply, its header and its record must have the same id.
 */
export class Ids {
  names = new Map();
  /** How many predictions of a request have a name: those that its reply told, or else its records. */
  predictions = new Map();

  /** One reply to a call of this name; ids in `sent`, the bytes of the call, stay as they are. */
  maskReply(reply, name, sent) {
    const given = new Set(sent.toString('latin1').match(ID));
    const [, id = ''] = /^x-request-id: (.*)\r?$/im.exec(headOf(reply)) ?? [];
    if (id === '' || sent.includes(id)) return this.mask(reply, id || name, given);
    this.names.set(id, `<${name}>`);
    return this.mask(reply, `<${name}>`, given);
  }

  /** Records by request and row. Which one is a row's follows from what the reply told, or from their order. */
  maskRecords(lines) {
    const masked = new Map();
    const byRequest = Map.groupBy(lines, (line) => /"request_id":"([^"]*)"/.exec(line)?.[1] ?? 'none');
    for (const [id, those] of byRequest) {
      const request = this.names.get(id) ?? id;
      const isTold = this.predictions.has(request);
      for (const [row, line] of those.entries()) {
        // An id that no reply told stays as it is, and is seen; so does that of a request whose caller chose it.
        const text = isTold
          ? line.replaceAll(ID, (each) => this.names.get(each) ?? each)
          : this.mask(line, request, new Set([request]));
        masked.set(`${request}, row ${row + 1}`, text);
      }
    }
    return masked;
  }

  /** Ids that have no name yet are of predictions of `request`. */
  mask(text, request, given) {
    return text.replaceAll(ID, (id) => {
      if (!this.names.has(id)) {
        if (given?.has(id)) return id;
        const number = (this.predictions.get(request) ?? 0) + 1;
        this.predictions.set(request, number);
        this.names.set(id, `<prediction ${number} of ${request}>`);
      }
      return this.names.get(id);
    });
  }
}
