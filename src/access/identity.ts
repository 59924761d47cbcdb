import { Forbidden } from '../errors/errors.js';
import type { Scope } from './scope.js';

/** Who calls, and what he may do. */
export interface Identity {
  /** As records, jobs, history and access lines name him: the id of a key, `jwt:` and the subject, or `server:runner`. */
  readonly principal: string;
  readonly scopes: ReadonlySet<Scope>;
  /** undefined: all of them. */
  readonly models: ReadonlySet<string> | undefined;
  /** Rows that he may ask for; undefined: as many as he likes. */
  readonly rate: Rate | undefined;
}

export interface Rate {
  readonly rowsPerSecond: number;
  /** Rows at once after a pause. */
  readonly burst: number;
}

/** Whether a model may be asked for; callers have no identity (null) where nobody needs a key. */
export const mayUse = (identity: Identity | null, model: string): boolean =>
  identity?.models?.has(model) ?? true;

/** The same name is refused alike whether there is such a model or not. @throws Forbidden */
export function assertMayUse(identity: Identity | null, model: string): void {
  if (mayUse(identity, model)) return;
  const name = model.slice(0, 63);
  throw new Forbidden(`this key is not for the model "${name}"; ask the operator for one that is`);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** null: nobody was asked who he is. */
    identity: Identity | null;
  }
}
