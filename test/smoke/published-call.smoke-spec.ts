import { execFileSync } from 'node:child_process';
import { readRecords } from '../support/records.js';
import { startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const server = await startServer({ LOG_LEVEL: 'debug' });
const curl = (path: string, body: object): unknown =>
  JSON.parse(
    execFileSync('curl', [
      '-sS',
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify(body),
      server.url + path,
    ]).toString(),
  );

describe('dist, called with curl', () => {
  it('answers the published call', () => {
    expect(curl('/predict', TURNOVER_ROW)).toEqual({ prediction: 1 });
  });

  it.each(['/v1/models/turnover:predict', '/v1/models/turnover%3Apredict'])('answers %s', (path) => {
    expect(curl(path, { instances: [TURNOVER_ROW, TURNOVER_ROW] })).toMatchObject({
      predictions: [{ prediction: 1 }, { prediction: 1 }],
    });
  });

  it('says in a problem which header is missing', () => {
    const reply = execFileSync('curl', ['-sS', '-d', JSON.stringify(TURNOVER_ROW), `${server.url}/predict`]);

    expect(JSON.parse(reply.toString())).toMatchObject({
      status: 415,
      detail:
        'the Content-Type "application/x-www-form-urlencoded" is not taken here; send the body as JSON with the header Content-Type: application/json',
    });
  });

  it('has recorded what it answered', () => {
    expect(readRecords(server.settings['PREDICTION_LOG_DIR']!)).toHaveLength(5);
  });

  it('has printed a line for each request, and nothing of the inputs', async () => {
    await server.untilStdout(/"status":415/);

    expect(server.stdout.match(/"message":"request"/g)).toHaveLength(4);
    expect(server.stdout).not.toMatch(/satisfaction_level|support/);
  });
});
