import type { Siblings } from '../../src/channel/siblings.js';

type Handler = (payload: unknown) => unknown;
/** What a worker of a server of two knows of the other one. */
export type Sibling = Pick<Siblings, 'on' | 'pass' | 'isFirst' | 'primary'>;

/** Two workers of one server, as far as they pass on to each other; what fails there is told to nobody. */
export function twoWorkers(): readonly [Sibling, Sibling] {
  const handlers = [new Map<string, Handler>(), new Map<string, Handler>()] as const;
  const worker = (own: 0 | 1): Sibling => ({
    isFirst: own === 0,
    primary: undefined,
    on: (kind, handler) => void handlers[own].set(kind, handler as Handler),
    pass: async (kind, payload) => {
      const handler = handlers[1 - own]?.get(kind);
      await Promise.resolve(structuredClone(payload))
        .then(handler)
        .catch(() => undefined);
    },
  });
  return [worker(0), worker(1)];
}
