import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** So much of HMAC-SHA256 is kept: nobody meets two values of one hash, and records stay short. */
const BYTES = 16;

/**
 * Hashes the values of inputs by a key, without which nobody can try which value it was. The same value of the same input of
 * the same model has the same hash, on every server with that key and after every restart; values of different inputs cannot be
 * compared.
 */
export class InputHash {
  private readonly key: KeyObject;

  constructor(key: Buffer) {
    this.key = createSecretKey(key);
  }

  of(model: string, input: string, value: number | string | boolean): string {
    const text = JSON.stringify([model, input, value]);
    const digest = createHmac('sha256', this.key).update(text).digest();
    return `hmac-sha256:${digest.toString('base64url', 0, BYTES)}`;
  }
}
