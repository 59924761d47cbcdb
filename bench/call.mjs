import { request } from 'node:http';

/** Longer than REQUEST_TIMEOUT_MS: nobody answers, and the connection is left open. */
const SILENT_MS = 35_000;

/**
 * One call, and what became of it: when it began and ended (performance.now), the status (0 where the connection broke),
 * the code of the problem or of the broken connection, the ids of its predictions, and the whole reply.
 */
export function call(port, method, path, { body, headers = {}, agent } = {}) {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const began = performance.now();
  return new Promise((resolve) => {
    const broke = (code) => resolve({ began, ended: performance.now(), status: 0, code, ids: [], text: '' });
    const options = { port, host: '127.0.0.1', method, path, agent, timeout: SILENT_MS };
    const sent = request({ ...options, headers: { ...type, ...length, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('error', () => undefined);
      response.on('close', () => broke('CUT'));
      response.on('end', () => {
        if (!response.complete) return;
        const { statusCode: status } = response;
        const code = status < 400 ? undefined : codeOf(text);
        const ids = status === 200 && method === 'POST' ? idsOf(response, text) : [];
        const retryAfter = Number(response.headers['retry-after']);
        resolve({ began, ended: performance.now(), status, code, ids, retryAfter, text });
      });
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'NO_ANSWER' })));
    sent.on('error', (error) => broke(error.code));
    sent.end(body);
  });
}

function codeOf(text) {
  try {
    const { code, status } = JSON.parse(text);
    // Health is told in another form.
    return code ?? status;
  } catch {
    return undefined;
  }
}

function idsOf(response, text) {
  const one = response.headers['x-prediction-id'];
  if (one !== undefined) return [one];
  return (JSON.parse(text).predictions ?? []).map(({ prediction_id }) => prediction_id);
}
