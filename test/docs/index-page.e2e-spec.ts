import { createHash } from 'node:crypto';
import type { EncodingSpec } from '../../src/artifacts/manifest.js';
import { copyTurnover } from '../support/artifacts.js';
import { type Answer, createTestApp } from '../support/create-app.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const EVIL = `"><img src=x onerror=alert('1')>`;

/** The encoding with another name of its first input. */
function withFirstInput(encoding: EncodingSpec, input: string): EncodingSpec {
  if (encoding.encoder !== 'tabular') throw new TypeError('turnover is tabular');
  return { ...encoding, columns: encoding.columns.map((each, at) => (at > 0 ? each : { ...each, input })) };
}

const root = temporaryFolder();
copyTurnover({ root });
copyTurnover({ root, name: 'hostile' })
  .editManifest((manifest) => {
    manifest.description = `${EVIL}\n\n<script>alert(1)</script>${' and so on'.repeat(100)}`;
    manifest.classes = manifest.classes!.map(({ value }) => ({ value, label: `${EVIL}${value}` }));
    manifest.inputs = manifest.inputs.map((input, at) => (at > 0 ? input : { ...input, name: EVIL }));
    manifest.encoding = withFirstInput(manifest.encoding, EVIL);
  })
  .editSamples((samples) => {
    for (const sample of samples) {
      const { satisfaction_level, ...rest } = sample['input'] as Record<string, unknown>;
      sample['input'] = { [EVIL]: satisfaction_level, ...rest };
    }
  });
copyTurnover({ root, name: 'refused' }).editManifest((manifest) => {
  manifest.encoding = withFirstInput(manifest.encoding, EVIL);
});
copyTurnover({ root, version: '2' }).damage('model.onnx');

const app = await createTestApp({ ARTIFACTS_DIR: root });
const policyOf = ({ headers }: Answer): string => String(headers['content-security-policy']);

describe('GET / for a browser', () => {
  it('is a page with every model: state, version, description, card, pictures and a command', async () => {
    const { status, headers, text } = await app.get('/', BROWSER);

    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      vary: expect.stringMatching(/\bAccept\b/),
    });
    for (const part of [
      '<b>turnover</b>',
      'ready, version 1',
      'Predicts whether an employee will leave the company',
      'href="models/turnover/versions/1/card"',
      'src="models/turnover/versions/1/plots/roc.svg"',
      '<span>http://localhost:80</span>/models/turnover/predict&#39; -H',
    ])
      expect(text).toContain(part);
  });

  it('shows why a version is refused, in a line', async () => {
    const { text } = await app.get('/', BROWSER);

    expect(text).toMatch(/not ready: <a href="#model-refused">refused<\/a>\s*\(refused\)/);
    expect(text).toMatch(/<span class="why"><bdi>version 2: model\.onnx has changed: [^<\n]*<\/bdi>/);
  });

  it('takes nothing that an artifact says for HTML', async () => {
    const { text } = await app.get('/', BROWSER);
    const known =
      /<\/?(!doctype|html|head|meta|title|link|style|body|nav|a|svg|rect|path|g|circle|small|main|h[12]|p|ul|li|details|summary|b|span|bdi|div|dl|dt|dd|pre|code|img(?=\s+loading=)|table|tbody|tr|td|script)\b/g;

    expect(text.replaceAll(known, '')).not.toMatch(/<[a-z/!]/i);
    expect(text).toContain('&quot;&gt;&lt;img src=x onerror=alert(&#39;1&#39;)&gt;');
    expect(text.match(/<script\b/g)).toHaveLength(1);
    expect(text).not.toContain('<script>alert');
  });

  it('loads nothing from elsewhere, and runs its own script alone', async () => {
    const reply = await app.get('/', BROWSER);
    const digestOf = (tag: string): string =>
      `'sha256-${createHash('sha256')
        .update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(reply.text)![1]!)
        .digest('base64')}'`;

    expect(policyOf(reply).split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${digestOf('script')}`,
      `style-src ${digestOf('style')}`,
      "img-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(reply.text).not.toMatch(/(?:src|href)="(?:\w+:|\/)/);
  });

  it('has links that lead to what is there', async () => {
    const { text } = await app.get('/', BROWSER);
    const links = new Set([...text.matchAll(/(?:href|src)="([^"#]+)/g)].map(([, link]) => link!));
    const broken: string[] = [];
    for (const link of links) {
      const path = new URL(link, 'http://x/').pathname;
      const { status } = await app.get(path);
      if (status !== 200) broken.push(`${status} ${link}`);
    }

    expect(links.size).toBeGreaterThan(25);
    expect(broken).toEqual([]);
  });

  it('answers HEAD as GET', async () => {
    const got = await app.get('/', BROWSER);
    const { status, headers, text } = await app.send('HEAD', '/', undefined, BROWSER);

    expect(status).toBe(200);
    expect(text).toBe('');
    for (const name of ['content-type', 'content-length', 'vary', 'content-security-policy'])
      expect(headers[name]).toBe(got.headers[name]);
  });
});

describe('GET / for any other client', () => {
  it.each(['*/*', 'application/json', 'application/json, text/html;q=0.5', 'text/html;q=0', 'text/plain'])(
    'is the document as it was: Accept: %s',
    async (accept) => {
      const reply = await app.get('/', { accept });

      expect(reply.body).toMatchObject({ name: 'nestor', paths: { models: './models' } });
      expect(reply.headers['vary']).toMatch(/\bAccept\b/);
      expect(policyOf(reply)).toBe('undefined');
    },
  );

  it('is the published call with a query, also for a browser', async () => {
    const served = await createTestApp();
    const reply = await served.get('/?query=that%20movie%20was%20boring', BROWSER);

    expect(reply.body).toEqual({ prediction: 'Negative', confidence: 0.193 });
    expect(String(reply.headers['vary'])).not.toMatch(/\bAccept\b/);
  });
});

describe('the pages without documentation', () => {
  it('have no links to it', async () => {
    const plain = await createTestApp({ DOCS_ENABLED: 'false', ARTIFACTS_DIR: root });
    const { text } = await plain.get('/', BROWSER);

    expect(text).not.toMatch(/href="[^"]*(docs|redoc|openapi|guides)/);
    expect((await plain.get('/favicon.svg')).headers['content-type']).toBe('image/svg+xml');
  });
});

describe('GET /models', () => {
  it('says of each model in a line what it predicts', async () => {
    const { models } = (await app.get('/models')).body as {
      models: { name: string; description?: string }[];
    };
    const of = (name: string): string | undefined => models.find((each) => each.name === name)!.description;

    expect(of('turnover')).toBe(
      'Predicts whether an employee will leave the company, from working conditions and history.',
    );
    expect(of('hostile')).toMatch(/^"><img[^\n]{100,193}…$/);
    expect(of('refused')).toBeUndefined();
  });
});
