import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { newKey } from '../../src/access/api-key.js';
import type { KeyEntry } from '../../src/access/keys-file.js';
import { type Scope, SCOPES } from '../../src/access/scope.js';
import { AllowedMethods } from '../../src/http/allowed-methods.js';
import { temporaryFolder } from './temporary-folder.js';

type Wanted = Partial<Omit<KeyEntry, 'id' | 'sha256'>>;

/** Settings with which callers need one of these keys, and the keys by their names. */
export function withKeys<N extends string>(
  wanted: Readonly<Record<N, Wanted>>,
): { readonly settings: Record<string, string>; readonly keys: Readonly<Record<N, string>> } {
  const made = Object.entries<Wanted>(wanted).map(([name, more]) => {
    const { id, key, sha256 } = newKey();
    return { name, key, entry: { id, name, sha256, scopes: SCOPES, ...more } satisfies KeyEntry };
  });
  const path = join(temporaryFolder(), 'keys.json');
  writeFileSync(path, JSON.stringify({ keys: made.map(({ entry }) => entry) }), { mode: 0o600 });
  return {
    settings: { AUTH: 'required', API_KEYS_FILE: path },
    keys: Object.fromEntries(made.map(({ name, key }) => [name, key])) as Record<N, string>,
  };
}

/** What an application says of a route. */
export interface RouteOfTable {
  readonly method: string;
  readonly url: string;
  readonly scope: Scope | 'nothing' | undefined;
  readonly alsoFor: 'runner' | 'lease' | undefined;
  readonly isPrediction: boolean;
}

/**
 * Every route that an application adds which is made while `make` runs, each method by itself.
 * @param prepare is asked before any route or hook is there
 */
export async function routesOf<T>(
  make: () => Promise<T>,
  prepare: (server: FastifyInstance) => void = () => undefined,
): Promise<{ made: T; routes: RouteOfTable[] }> {
  const added: RouteOptions[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { watch } = AllowedMethods.prototype;
  const spy = vi.spyOn(AllowedMethods.prototype, 'watch').mockImplementation(function (
    this: AllowedMethods,
    server,
  ) {
    server.addHook('onRoute', (route) => void added.push(route));
    prepare(server);
    watch.call(this, server);
  });
  const made = await make();
  spy.mockRestore();
  // Hooks behind this one may have said more of a route.
  const routes = added.flatMap(({ method, url, config = {} }) =>
    [method].flat().map((each) => {
      const { scope, alsoFor, kind } = config;
      return { method: each, url, scope, alsoFor, isPrediction: kind === 'prediction' };
    }),
  );
  return { made, routes };
}

/** A path that a route answers, with these values in the places of its parameters. */
export function pathOf(url: string, values: Readonly<Record<string, string>> = {}): string {
  return url
    .replaceAll('::', '\0')
    .replaceAll(/:(\w+)(\(\^[^)]*\))?/g, (_, name: string) => values[name] ?? 'x')
    .replaceAll('\0', ':')
    .replace('*', 'x');
}
