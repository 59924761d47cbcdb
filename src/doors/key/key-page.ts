import type { FastifyReply, FastifyRequest } from 'fastify';
import { wantsPage } from '../../http/wants-page.js';
import { html } from '../../pages/html.js';
import { page, policy, type Ways } from '../../pages/page.js';
import { INDEX_SCRIPT } from '../index/index-page.js';
import { KEY_SCRIPT } from './key-script.js';

/** What is fetched with the key is shown under this policy: of other scripts it runs that of the index alone. */
const KEY_POLICY = policy([KEY_SCRIPT, INDEX_SCRIPT], { fetches: true });

/**
 * Answers a browser that asks for a page without a key by one that asks for the key.
 * @returns false: this is no browser that asks for a page
 */
export function answeredByKeyPage(request: FastifyRequest, reply: FastifyReply, ways: Ways): boolean {
  if (request.method !== 'GET' || !wantsPage(request, reply, 'application/json')) return false;
  void reply
    .status(401)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', KEY_POLICY)
    .header('x-content-type-options', 'nosniff')
    .send(keyPage(rootOf(request.url), ways));
  return true;
}

function keyPage(root: string, ways: Ways): string {
  const content = html`<h1>This needs a key</h1>
    <form id="ask" class="ask">
      <label for="key">Key</label>
      <input id="key" type="password" autocomplete="one-time-code" spellcheck="false" required autofocus />
      <button>Show</button>
    </form>
    <p id="said" role="alert"></p>
    <p class="faint">
      Who runs this server gives out keys. Yours is kept in the memory of this tab alone, and is gone when you
      close or reload it.
    </p>`;
  return page({ title: 'Nestor: a key is needed', root, ways, content, script: KEY_SCRIPT, isText: true });
}

/** The way from a page to the root, as many steps up as it has segments. */
const rootOf = (url: string): string => {
  const [path = '/'] = url.split('?', 1);
  const steps = path.split('/').length - 2;
  return steps > 0 ? '../'.repeat(steps) : './';
};
