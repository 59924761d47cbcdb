import { createTestApp } from '../support/create-app.js';

describe('DOCS_ENABLED=false', () => {
  it.each(['/docs', '/docs/swagger-ui-bundle.js', '/redoc', '/openapi.json'])(
    'serves no %s',
    async (path) => {
      const app = await createTestApp({ DOCS_ENABLED: 'false' });

      expect((await app.get(path)).status).toBe(404);
    },
  );
});
