import { cpSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { vi } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../../src/http/problems.js';
import { RecordFinder } from '../../src/journal/record-finder.js';
import { ModelRegistry } from '../../src/models/model-registry.js';
import { PredictionService } from '../../src/models/prediction.service.js';
import { StateDatabase } from '../../src/state/state-database.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { apart, type Media, type Operation, readDocument, requestOf } from '../support/documented.js';
import { Issuer, newKeyPair } from '../support/issuer.js';
import { anotherVersion, REFUSING } from '../support/refusing-apps.js';
import { type Call, SPOILT } from '../support/spoilt-calls.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROBLEM = 'application/problem+json';

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
  const spoil = SPOILT[code];
  // A card is always there, nobody names the version that a rollback finds, nor the model at the root.
  const isElsewhere =
    (code === 'model_not_found' && path === '/') ||
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

  const causes = Object.entries(REFUSING).flatMap(([code, some]) =>
    [some].flat().map((cause) => [code, cause] as const),
  );
  describe.each(causes)('%s', (code, { serve, headers, archive, isElsewhere, isPossible = true }) => {
    it.skipIf(!isPossible)('is told as documented by a server that has cause', async () => {
      const refusing = await serve();
      const shown = ofStatus.filter((each) => each.code === code && isElsewhere?.(each.path) !== true);
      expect(shown).not.toEqual([]);
      const asked = shown.map(async (each) => {
        const call = callOf(each);
        const payload = each.operation.operationId === 'publishVersion' ? await archive?.() : call.payload;
        const reply = await refusing.send(call.method, call.url, payload, { ...call.headers, ...headers });
        return [each.method, each.path, reply.status, apart(reply.body)];
      });

      expect(await Promise.all(asked)).toEqual(
        shown.map(({ method, path, value }) => [
          method,
          path,
          PROBLEMS[code as ProblemCode].status,
          apart(value),
        ]),
      );
      await refusing.close();
    });
  });

  it('of a fault of the server itself', async () => {
    const fault = (): never => {
      throw new TypeError('Cannot read properties of undefined');
    };
    const registry = app.app.get(ModelRegistry);
    const spies = [
      ...(['all', 'has', 'state', 'usable', 'versionState'] as const).map((name) => vi.spyOn(registry, name)),
      vi.spyOn(app.app.get(PredictionService), 'predict'),
      vi.spyOn(app.app.get(StateDatabase), 'run'),
      vi.spyOn(app.app.get(RecordFinder), 'find'),
    ].map((spy) => spy.mockImplementation(fault));
    const shown = examples.filter(({ code }) => code === 'internal_error');
    const spared: string[] = [];
    const found: unknown[] = [];
    const told: unknown[] = [];
    for (const each of shown) {
      const { method, url, payload, headers } = callOf(each);
      const isPublish = each.operation.operationId === 'publishVersion';
      const reply = await app.send(method, url, isPublish ? await anotherVersion() : payload, headers);
      if (reply.status === 200) {
        spared.push(url);
        continue;
      }
      found.push([url, apart(reply.body)]);
      told.push([url, apart(each.value)]);
    }
    for (const spy of spies) spy.mockRestore();

    expect(found).toEqual(told);
    // They say what is known already, and have nothing that could fail.
    expect(new Set(spared)).toEqual(
      new Set(['/apitest', '/health/live', '/health/started', '/guides/developer', '/v2/']),
    );
  });

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

  it('of an issuer that cannot be reached, wherever a token is asked for', async () => {
    const key = await newKeyPair('ES256', 'ec');
    const issuer = await Issuer.start(key);
    const authorization = `Bearer ${await issuer.sign(key)}`;
    const refusing = await createTestApp(issuer.settings);
    await issuer.stop();
    const shown = examples.filter(
      ({ code, operation }) => code === 'issuer_unavailable' && operation.security?.length !== 0,
    );
    expect(shown.length).toBeGreaterThan(30);
    for (const each of shown) {
      const { method, url, payload, headers } = callOf(each);
      const reply = await refusing.send(method, url, payload, { ...headers, authorization });
      expect([url, reply.status, apart(reply.body)]).toEqual([url, 503, apart(each.value)]);
    }
    await refusing.close();
  });

  it('is provoked here', () => {
    const provoked = [
      ...Object.keys(SPOILT),
      ...Object.keys(REFUSING),
      'http_version_not_supported',
      'internal_error',
      'issuer_unavailable',
    ];
    const shown = new Set([
      ...examples.map(({ code }) => code),
      ...Object.keys(document.components.examples),
    ]);

    expect(new Set(provoked)).toEqual(shown);
  });

  it('stands under its own status, and nothing stands there that no code has', () => {
    expect(spoilt.length).toBeGreaterThan(50);
    for (const { code, status } of ofStatus)
      expect([code, String(PROBLEMS[code].status)]).toEqual([code, status]);
  });
});
