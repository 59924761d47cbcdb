import { createTestApp } from '../support/create-app.js';

describe('DOCS_ENABLED=false', () => {
  const PATHS = [
    '/docs',
    '/docs/swagger-ui-bundle.js',
    '/redoc',
    '/openapi.json',
    '/ui',
    '/swagger.json',
    '/api',
  ];

  it('serves none of it, and says so', async () => {
    const app = await createTestApp({ DOCS_ENABLED: 'false' });

    for (const path of PATHS) expect([path, (await app.get(path)).status]).toEqual([path, 404]);
    expect((await app.get('/')).body).toMatchObject({ versions: [{ id: 'v2' }], links: [] });
  });
});
