import { createLocalJWKSet, type JSONWebKeySet, type JWK } from 'jose';

/** Finds the key that a token names; rejects with `JWKSNoMatchingKey` where there is none. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Signatures that are taken. Whoever may choose the algorithm of a token may forge one. */
export const ALGORITHMS = ['RS256', 'ES256'];

const FETCH_MS = 5_000;
/** A set of two or three keys has two or three thousand. */
const MOST_BYTES = 65_536;
/** Shorter keys of RSA are refused by those who verify with them. */
const LEAST_RSA_BITS = 2_048;

/**
 * The keys at an address that signatures can be verified with, as JSON: those of other kinds are left out. Within 5 s and
 * 64 KiB, and from that address alone: it is not led elsewhere.
 * @throws Error that says why there are none
 */
export async function fetchKeySet(
  url: string,
  ended: AbortSignal,
  withinMs = FETCH_MS,
): Promise<JSONWebKeySet> {
  const signal = AbortSignal.any([AbortSignal.timeout(withinMs), ended]);
  const response = await fetch(url, {
    redirect: 'manual',
    signal,
    headers: { accept: 'application/json, application/jwk-set+json' },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`it answers ${response.status} in place of 200`);
  }
  const { keys } = parsed(await textOf(response));
  const verifying = await Promise.all(keys.map(canVerify));
  const found = keys.filter((_, index) => verifying[index]);
  if (found.length === 0) throw new Error('it names no public key for RS256 or ES256');
  return { keys: found };
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.length;
    // Leaving the loop ends the connection.
    if (bytes > MOST_BYTES) throw new Error(`it sends more than ${MOST_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function parsed(text: string): JSONWebKeySet {
  try {
    const set: unknown = JSON.parse(text);
    // Looks at its form.
    createLocalJWKSet(set as JSONWebKeySet);
    return set as JSONWebKeySet;
  } catch {
    throw new Error('what it sends is no JSON Web Key Set');
  }
}

/** Asked of a set of this key alone, so that it is found and read as it will be later. */
async function canVerify(jwk: JWK): Promise<boolean> {
  const alone = createLocalJWKSet({ keys: [jwk] });
  for (const alg of ALGORITHMS) {
    try {
      const { algorithm } = await alone({ alg });
      const { modulusLength = Infinity } = algorithm as { modulusLength?: number };
      if (modulusLength >= LEAST_RSA_BITS) return true;
    } catch {
      // It is for another algorithm, or cannot be read.
    }
  }
  return false;
}
