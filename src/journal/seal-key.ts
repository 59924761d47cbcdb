import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartupFault } from '../errors/startup-fault.js';
import { readSecret } from '../files/secret-file.js';
import type { Sign } from './chained-line.js';

const SETTING = 'PREDICTION_LOG_SEAL_KEY_FILE';
const HOW_MADE = 'openssl genpkey -algorithm ed25519';
const BLOCK = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;

/** Signs with the private key in a file (Ed25519, PKCS#8 in PEM); undefined where no file is named. @throws StartupFault */
export function sealKey(path: string): Sign | undefined {
  if (path === '') return undefined;
  const bytes = readSecret(SETTING, path, HOW_MADE);
  const key = keyOf(path, bytes);
  return (text) => sign(null, Buffer.from(text), key).toString('base64url');
}

/** The public keys in a file: of every key that ever signed, one PEM behind the other. @throws Error that names the file */
export function publicKeys(path: string): KeyObject[] {
  const keys = (readFileSync(path, 'utf8').match(BLOCK) ?? []).map((pem) => createPublicKey(pem));
  if (keys.length === 0 || keys.some((key) => key.asymmetricKeyType !== 'ed25519'))
    throw new Error(`${path} must hold public keys of Ed25519 in PEM`);
  return keys;
}

/** Whether one of the keys has made a signature (base64url) of a text. */
export function isSignedBy(keys: readonly KeyObject[], text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  // The last character has bits that say nothing.
  if (bytes.toString('base64url') !== signature) return false;
  return keys.some((key) => verify(null, Buffer.from(text), key, bytes));
}

function keyOf(path: string, bytes: Buffer): KeyObject {
  let reason = 'it holds another kind of key';
  try {
    const key = createPrivateKey(bytes);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new StartupFault([
    {
      what: `${SETTING} (${path}) cannot be used: ${reason}`,
      mend: `set it to a file with a private key of Ed25519 (PKCS#8, PEM), as \`${HOW_MADE}\` makes it`,
    },
  ]);
}
