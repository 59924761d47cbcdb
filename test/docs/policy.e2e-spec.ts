import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();

describe('the content security policy of the documentation', () => {
  it.each(['/docs', '/redoc', '/ui'])(
    '%s allows scripts of this server alone, none of them inline',
    async (path) => {
      const reply = await app.get(path);
      const policy = String(reply.headers['content-security-policy']);

      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toMatch(/^text\/html/);
      expect(reply.text).toMatch(/<meta charset="utf-8"/i);
      expect(/script-src ([^;]*)/.exec(policy)?.[1]).toBe("'self'");
      expect(policy).toMatch(/default-src 'self'/);
      expect(policy).not.toMatch(/upgrade-insecure-requests|unsafe-eval|https?:/);
      expect(reply.headers['strict-transport-security']).toBeUndefined();
      expect(reply.text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S|(src|href)="(https?:)?\/\//);
    },
  );
});
