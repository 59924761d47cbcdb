// Keys for a server that a bench starts.
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { newKey } from '../dist/access/api-key.js';

/** Writes a file of keys into `folder`, one for each of `wanted` (rate, burst; by default of every use of predictions). @returns the settings, and the keys */
export function writeKeys(folder, wanted) {
  const made = wanted.map((more) => ({ ...newKey(), more }));
  const keys = made.map(({ id, sha256, more }) => ({ id, name: id, sha256, scopes: ['predict'], ...more }));
  const path = join(folder, 'keys.json');
  writeFileSync(path, JSON.stringify({ keys }), { mode: 0o600 });
  return { env: { AUTH: 'required', API_KEYS_FILE: path }, keys: made.map(({ key }) => key) };
}

/** Posts JSON with a key. @returns the status, and the seconds of Retry-After */
export function askWithKey(key, url, body, agent) {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      const retryAfter = Number(response.headers['retry-after']);
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode, retryAfter }));
    });
    sent.on('error', reject).end(body);
  });
}
