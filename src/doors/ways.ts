import type { FastifyRequest } from 'fastify';
import type { AppConfig } from '../config/app-config.js';
import { type Listener, listenerOf } from '../http/listeners.js';
import type { Ways } from '../pages/page.js';

type Settings = Pick<AppConfig, 'docsEnabled' | 'managementPort'>;

/** What is answered where a page is asked for. */
export const waysOf = (settings: Settings, { raw }: FastifyRequest): Ways =>
  waysAt(listenerOf(raw), settings);

export function waysAt(listener: Listener, { docsEnabled, managementPort }: Settings): Ways {
  const operation = managementPort === undefined || listener === 'management';
  return { operation, docs: operation && docsEnabled };
}
