import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactCopy, ARTIFACTS, copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { tarOfFolder } from '../support/pushed.js';
import { problem } from '../support/shapes.js';

const POLICY = {
  'content-security-policy': "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
};
const HTML = { accept: 'text/html,application/xhtml+xml;q=0.9' };

const evil = copyTurnover({ version: '2' });
evil.write(
  'card.md',
  '# <img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![b](https://elsewhere.example/x.svg)\n',
);
evil.write('plots/"><script>.svg', '<svg/>');
const root = evil.seal().root;
copyTurnover({ root });
const refused: ArtifactCopy = copyTurnover({ root, version: '3' });
refused.damage('model.onnx');
symlinkSync('card.md', join(refused.folder, 'link'));
const app = await createTestApp({ ARTIFACTS_DIR: root });
const url = (rest: string, version = '1'): string => `/models/turnover/versions/${version}/${rest}`;

describe('the artifact of a version', () => {
  it('is the tar that a push sends, the same each time', async () => {
    const reply = await app.app.inject(url('artifact'));
    const { content_sha256 } = (await app.get('/models/turnover/versions/2')).body as {
      content_sha256: string;
    };

    expect(reply.rawPayload.equals(await tarOfFolder(join(ARTIFACTS, 'turnover', '1')))).toBe(true);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/x-tar',
      'content-length': String(reply.rawPayload.length),
      'content-disposition': 'attachment; filename="turnover-1.tar"',
    });
    expect((await app.get(url('artifact', '2'))).headers['etag']).toBe(`"${content_sha256}"`);
  });

  it.each([
    ['"x", W/%s', 304],
    ['%s', 304],
    ['*', 304],
    ['"x"', 200],
  ])('is not sent to who has it: If-None-Match %s', async (header, status) => {
    const etag = String((await app.get(url('artifact'))).headers['etag']);
    const reply = await app.get(url('artifact'), { 'if-none-match': header.replace('%s', etag) });

    expect(reply.status).toBe(status);
    expect(reply.headers['etag']).toBe(etag);
    expect(reply.text === '').toBe(status === 304);
  });

  it('is not given where the version cannot be served, and the reason is', async () => {
    expect((await app.get(url('artifact', '3'))).body).toEqual(
      problem('version_refused', 422, {
        detail: expect.stringMatching(/^turnover\/3 cannot be served: /) as string,
      }),
    );
    expect((await app.get('/models/turnover/versions/3')).body).toEqual({
      model: 'turnover',
      version: '3',
      state: 'refused',
      reason: expect.any(String) as string,
    });
  });
});

describe('the card of a version', () => {
  it('is the file as it is, but for a browser', async () => {
    const reply = await app.get(url('card'));

    expect(reply.text).toBe(readFileSync(join(root, 'turnover', '1', 'card.md'), 'utf8'));
    expect(reply.headers).toMatchObject({
      ...POLICY,
      'content-type': 'text/markdown; charset=utf-8',
      vary: 'Origin, Accept',
    });
  });

  it('is a page with its tables and pictures for a browser', async () => {
    const reply = await app.get(url('card'), HTML);

    expect(reply.headers).toMatchObject({ ...POLICY, 'content-type': 'text/html; charset=utf-8' });
    expect(reply.text).toContain('<h1>turnover, version 1</h1>');
    expect(reply.text).toContain('<td>roc_auc</td>');
    expect(reply.text).toContain('<img src="plots/roc.svg" alt="roc.svg" />');
  });

  it('lets no HTML and no script through', async () => {
    const { text } = await app.get(url('card', '2'), HTML);

    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toMatch(/<script|href="javascript|<img src=x/);
    expect(text).not.toContain('"><script>');
  });
});

describe('a picture of a version', () => {
  it('is shown as if it were from nowhere', async () => {
    const reply = await app.get(url('plots/roc.svg'));

    expect(reply.headers).toMatchObject({ ...POLICY, 'content-type': 'image/svg+xml' });
    expect(reply.text).toBe(readFileSync(join(root, 'turnover', '1', 'plots', 'roc.svg'), 'utf8'));
  });

  it.each(['nothing.svg', '..%2Fcard.md', '..%2F..%2F2%2Fplots%2Froc.svg', 'roc.svg%00', '.svg', 'ROC.SVG'])(
    'is none: %s',
    async (name) => {
      expect((await app.get(url(`plots/${name}`))).body).toEqual(problem('file_not_found', 404));
    },
  );
});
