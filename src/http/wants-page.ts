import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Whether a caller is a browser, or takes a page as gladly as `other`, which everybody else gets. Caches are told
 * that the answer depends on it.
 */
export function wantsPage({ headers }: FastifyRequest, reply: FastifyReply, other: string): boolean {
  void reply.header('vary', [reply.getHeader('vary') ?? [], 'Accept'].flat().join(', '));
  const accept = headers.accept ?? '';
  const page = quality(accept, 'text/html');
  return page > 0 && page >= quality(accept, other);
}

/** How gladly a type is taken that is named; 0 where it is not, also where all types are taken. */
function quality(accept: string, type: string): number {
  for (const range of accept.toLowerCase().split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim());
    if (name !== type) continue;
    const weight = parameters.find((part) => part.startsWith('q='));
    return weight === undefined ? 1 : Number(weight.slice(2)) || 0;
  }
  return 0;
}
