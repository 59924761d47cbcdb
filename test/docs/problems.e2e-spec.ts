import { cpSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PROBLEMS, type ProblemCode } from '../../src/http/problems.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { apart, type Media, type Operation, readDocument, requestOf } from '../support/documented.js';
import { REFUSING } from '../support/refusing-apps.js';
import { type Call, SPOILT } from '../support/spoilt-calls.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROBLEM = 'application/problem+json';

/** Codes whose examples are shown and not provoked here, because that takes seconds or more than a request. */
const TESTED_IN: Partial<Record<ProblemCode, string>> = {
  body_too_large: 'test/errors/unread-body.e2e-spec.ts',
  aliases_busy: 'src/artifacts/folder-lock.spec.ts',
  internal_error: 'test/errors/internal-error.e2e-spec.ts',
  no_space: 'test/versions/disk.e2e-spec.ts',
  prediction_log_failed: 'test/prediction-log/synced.e2e-spec.ts',
  read_only_models: 'test/versions/disk.e2e-spec.ts',
  uploads_busy: 'test/versions/uploads.smoke-spec.ts',
};

// Of copies: a change that is not refused would be one.
const root = temporaryFolder();
cpSync(ARTIFACTS, root, { recursive: true });
const app = await createTestApp({ ARTIFACTS_DIR: root });
const document = await readDocument(app);

/** Every example of a refusal with its operation. */
const examples = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    problemsOf(operation).flatMap(([status, { examples: some = {} }]) =>
      Object.entries(some).map(([code, example]) => ({
        path,
        method,
        operation,
        status,
        code: code as ProblemCode,
        value: 'value' in example ? example.value : undefined,
      })),
    ),
  ),
);
const ofStatus = examples.filter(({ status }) => status !== 'default');

const spoilt = ofStatus.flatMap((each) => {
  const { path, code } = each;
  const spoil = path === '/' ? undefined : SPOILT[code];
  // A card is always there, and nobody names the version that a rollback finds.
  const isElsewhere =
    (code === 'file_not_found' && path.endsWith('/card')) ||
    (code === 'version_not_found' && path.endsWith('/rollback'));
  return spoil === undefined || isElsewhere ? [] : [{ ...each, spoil }];
});

function problemsOf({ responses }: Operation): [string, Media][] {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    content?.[PROBLEM] ? [[status, content[PROBLEM]] as [string, Media]] : [],
  );
}

const callOf = ({ path, method, operation }: (typeof examples)[number]): Call => ({
  method: method.toUpperCase(),
  ...requestOf(path, operation),
});

describe('every example of a refusal', () => {
  it.each(spoilt)('$method $path is refused by $code as documented, to the letter', async (each) => {
    const call = each.spoil(callOf(each), each.path);
    const reply = await app.send(call.method, call.url, call.payload, call.headers);

    expect([reply.status, apart(reply.body)]).toEqual([PROBLEMS[each.code].status, apart(each.value)]);
  });

  it.each(Object.entries(REFUSING))(
    '%s is told as documented by a server that has cause',
    async (...entry) => {
      const [code, { serve, headers, archive, isElsewhere }] = entry;
      const refusing = await serve();
      const shown = ofStatus.filter((each) => each.code === code && isElsewhere?.(each.path) !== true);
      expect(shown).not.toEqual([]);
      for (const each of shown) {
        const call = callOf(each);
        const payload = each.operation.operationId === 'publishVersion' ? await archive?.() : call.payload;
        const reply = await refusing.send(call.method, call.url, payload, { ...call.headers, ...headers });

        expect([each.method, each.path, apart(reply.body)]).toEqual([
          each.method,
          each.path,
          apart(each.value),
        ]);
        expect(reply.status).toBe(PROBLEMS[each.code].status);
      }
      await refusing.close();
    },
  );

  it('of an HTTP that is not spoken, whatever is asked', async () => {
    await app.app.listen(0, '127.0.0.1');
    const { port } = app.app.getHttpServer().address() as { port: number };
    const shown = examples.filter(({ code }) => code === 'http_version_not_supported');
    for (const each of shown) {
      const { method, url } = callOf(each);
      const socket = connect(port, '127.0.0.1');
      socket.write(`${method} ${url} HTTP/3.0\r\nhost: x\r\n\r\n`);
      const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];

      expect(head).toMatch(/^HTTP\/1\.1 505 /);
      expect(apart(JSON.parse(body))).toEqual(apart(each.value));
    }
  });

  it('is provoked here, or tested elsewhere', () => {
    const provoked = [...Object.keys(SPOILT), ...Object.keys(REFUSING), 'http_version_not_supported'];
    const shown = new Set([
      ...examples.map(({ code }) => code),
      ...Object.keys(document.components.examples),
    ]);

    expect([...provoked, ...Object.keys(TESTED_IN)].toSorted()).toEqual([...shown].toSorted());
    for (const [code, path] of Object.entries(TESTED_IN)) {
      const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
      // By the code or by the name of its error.
      expect([code, readFileSync(file, 'utf8')]).toEqual([
        code,
        expect.stringMatching(new RegExp(code.replaceAll('_', '_?'), 'i')),
      ]);
    }
  });

  it('stands under its own status, and nothing stands there that no code has', () => {
    expect(spoilt.length).toBeGreaterThan(50);
    for (const { code, status } of ofStatus)
      expect([code, String(PROBLEMS[code].status)]).toEqual([code, status]);
  });
});
