import { createTestApp, type TestApp } from '../support/create-app.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const SECRET = 'zebra-4711';

async function callAndClose(level: string): Promise<TestApp> {
  const app = await createTestApp({ LOG_LEVEL: level, LOG_DIR: temporaryFolder() });
  await app.post('/models/turnover/predict', TURNOVER_ROW, { 'x-request-id': 'good' });
  await app.post('/models/turnover/predict', { ...TURNOVER_ROW, salary: SECRET }, { 'x-request-id': 'bad' });
  await app.post('/models/sentiment/predict', { text: SECRET });
  await app.post('/models/turnover/predict', `{"${SECRET}`);
  await app.get(`/${SECRET}?query=${SECRET}`);
  await app.close();
  return app;
}

describe('the application log', () => {
  it('has no line for a request at level info', async () => {
    const lines = (await callAndClose('info')).applicationLog();

    expect(lines.length).toBeGreaterThan(0);
    expect(lines.map(({ message }) => message)).not.toContain('request');
    expect(lines.map(({ level }) => level)).not.toContain('http');
  });

  it('has one line for each request at level http', async () => {
    const lines = (await callAndClose('http'))
      .applicationLog()
      .filter(({ message }) => message === 'request');

    expect(lines).toHaveLength(5);
    expect(lines[0]).toEqual({
      level: 'http',
      message: 'request',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      request_id: 'good',
      method: 'POST',
      route: '/models/:model/predict',
      status: 200,
      duration_ms: expect.any(Number),
      principal: null,
    });
    expect(lines[1]).toMatchObject({ request_id: 'bad', status: 400 });
    expect(lines[4]).toMatchObject({ route: 'unmatched', status: 404 });
  });

  it.each(['info', 'http', 'debug'])('has nothing of the inputs in it at level %s', async (level) => {
    const lines = (await callAndClose(level)).applicationLog();

    expect(JSON.stringify(lines)).not.toMatch(/zebra|satisfaction_level/);
  });
});
