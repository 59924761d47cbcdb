import { cpSync } from 'node:fs';
import { PROBLEMS, type ProblemCode } from '../../src/http/problems.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { apart, type Media, type Operation, readDocument, requestOf } from '../support/documented.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROBLEM = 'application/problem+json';
// Of copies: a change that is not refused would be one.
const root = temporaryFolder();
cpSync(ARTIFACTS, root, { recursive: true });
const app = await createTestApp({ ARTIFACTS_DIR: root });
const document = await readDocument(app);

interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | undefined;
}

/** The call of an operation's examples, changed so that it must be refused by a code. */
const SPOILT: Partial<Record<ProblemCode, (call: Call, path: string) => Call>> = {
  invalid_input: (call, path) => ({ ...call, ...withFault(call, path) }),
  body_not_json: (call) => ({ ...call, payload: '{"' }),
  unsupported_media_type: (call) => ({ ...call, headers: { ...call.headers, 'content-type': 'text/plain' } }),
  route_not_found: (call) => ({ ...call, url: call.url.replace('developer', 'nobody') }),
  model_not_found: (call) => ({ ...call, url: call.url.replace('/models/diabetes', '/models/nobody') }),
  version_not_found: (call) => ({
    ...call,
    url: call.url.replace('/versions/1', '/versions/999'),
    payload: call.payload?.replace('"version":"1"', '"version":"999"'),
  }),
  file_not_found: (call) => ({ ...call, url: call.url.replace('roc.svg', 'nothing.svg') }),
  precondition_required: (call) => ({ ...call, headers: { 'content-type': 'application/json' } }),
  version_in_use: (call) => call,
  nothing_to_roll_back: (call) => call,
};

/** Without the first input. */
function withFault({ url, payload = '{}' }: Call, path: string): Partial<Call> {
  const body = JSON.parse(payload) as Record<string, unknown>;
  const withoutFirst = (row: object): object => Object.fromEntries(Object.entries(row).slice(1));
  if (path.startsWith('/v2')) return { url: url.split('?')[0]! };
  if (path.startsWith('/katana')) return { payload: '{"data":"1"}' };
  if (path === '/sentiment') return { payload: '{}' };
  if (path.endsWith('/rollback')) return { payload: '[]' };
  if (path.endsWith('/aliases/{alias}')) return { payload: '{}' };
  if (path.endsWith(':predict'))
    return { payload: JSON.stringify({ instances: [withoutFirst((body['instances'] as [object])[0])] }) };
  return { payload: JSON.stringify(withoutFirst(body)) };
}

const cases = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    problemsOf(operation).flatMap(([status, { examples = {} }]) =>
      Object.entries(examples).flatMap(([code, example]) => {
        const spoil = status === 'default' || path === '/' ? undefined : SPOILT[code as ProblemCode];
        // A card is always there, and nobody names the version that a rollback finds.
        const isElsewhere =
          (code === 'file_not_found' && path.endsWith('/card')) ||
          (code === 'version_not_found' && path.endsWith('/rollback'));
        if (spoil === undefined || isElsewhere) return [];
        return [
          {
            path,
            method,
            operation,
            code: code as ProblemCode,
            spoil,
            value: 'value' in example ? example.value : undefined,
          },
        ];
      }),
    ),
  ),
);

function problemsOf({ responses }: Operation): [string, Media][] {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    content?.[PROBLEM] ? [[status, content[PROBLEM]] as [string, Media]] : [],
  );
}

describe('every example of a refusal', () => {
  it.each(cases)('$method $path is refused by $code as documented, to the letter', async (each) => {
    const { path, method, operation, code, spoil, value } = each;
    const call = spoil({ method: method.toUpperCase(), ...requestOf(path, operation) }, path);
    const reply = await app.send(call.method, call.url, call.payload, call.headers);

    expect([reply.status, apart(reply.body)]).toEqual([PROBLEMS[code].status, apart(value)]);
  });

  it('stands under its own status, and nothing stands there that no code has', () => {
    expect(cases.length).toBeGreaterThan(50);
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods)) {
        for (const [status, { examples = {} }] of problemsOf(operation)) {
          if (status === 'default') continue;
          for (const code of Object.keys(examples))
            expect([code, String(PROBLEMS[code as ProblemCode].status)]).toEqual([code, status]);
        }
      }
    }
  });
});
