import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';

/** A pair of keys of Ed25519 in two files. */
export function keyFiles(): { key: string; publicKey: string } {
  const folder = temporaryFolder();
  const pair = generateKeyPairSync('ed25519');
  const [key, publicKey] = [join(folder, 'key.pem'), join(folder, 'public.pem')];
  writeFileSync(key, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o600 });
  return { key, publicKey };
}
