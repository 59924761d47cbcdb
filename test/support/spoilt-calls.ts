import type { ProblemCode } from '../../src/http/problems.js';

/** A request as a test sends it. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | undefined;
}

/** The call of an operation's examples, changed so that it must be refused by a code. */
export const SPOILT: Partial<Record<ProblemCode, (call: Call, path: string) => Call>> = {
  invalid_input: (call, path) => ({ ...call, ...withFault(call, path) }),
  body_not_json: (call, path) => withBody(call, path, 'application/json', '{"'),
  unsupported_media_type: (call, path) => withBody(call, path, 'text/plain', call.payload ?? 'query=x'),
  // More than any route takes; a body that is announced need not come.
  body_too_large: (call) => ({ ...call, headers: { ...call.headers, 'content-length': '17000000' } }),
  route_not_found: (call) => ({ ...call, url: call.url.replace('developer', 'nobody') }),
  model_not_found: (call) => ({ ...call, url: call.url.replace('/models/diabetes', '/models/nobody') }),
  version_not_found: (call) => ({
    ...call,
    url: call.url.replace('/versions/1', '/versions/999').replace('version=1', 'version=999'),
    payload: call.payload?.replace('"version":"1"', '"version":"999"'),
  }),
  file_not_found: (call) => ({ ...call, url: call.url.replace('roc.svg', 'nothing.svg') }),
  precondition_required: (call) => ({ ...call, headers: { 'content-type': 'application/json' } }),
  version_in_use: (call) => call,
  nothing_to_roll_back: (call) => call,
  job_not_found: (call) => call,
  prediction_not_found: (call) => call,
};

/** The route at the root reads the body of its GET where the URL has no query. */
const withBody = (call: Call, path: string, type: string, payload: string): Call => ({
  ...call,
  url: path === '/' ? path : call.url,
  headers: { ...call.headers, 'content-type': type },
  payload,
});

/** Without the first input. */
function withFault({ url, payload = '{}' }: Call, path: string): Partial<Call> {
  const body = JSON.parse(payload) as Record<string, unknown>;
  const withoutFirst = (row: object): object => Object.fromEntries(Object.entries(row).slice(1));
  if (path.startsWith('/v2')) return { url: url.split('?')[0]! };
  if (path.startsWith('/katana')) return { payload: '{"data":"1"}' };
  if (path === '/sentiment') return { payload: '{}' };
  if (path === '/feedback') return { payload: JSON.stringify({ value: body['value'] }) };
  if (path.endsWith('/rollback') || path.endsWith('/train')) return { payload: '[]' };
  if (path.endsWith('/aliases/{alias}')) return { payload: '{}' };
  if (path.endsWith(':predict'))
    return { payload: JSON.stringify({ instances: [withoutFirst((body['instances'] as [object])[0])] }) };
  return { payload: JSON.stringify(withoutFirst(body)) };
}
