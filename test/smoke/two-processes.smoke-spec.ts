import { readFileSync } from 'node:fs';
import { readRecords, recordFiles } from '../support/records.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

describe('two processes with one record folder', () => {
  it('write to files of their own, and the second does not touch those of the first', async () => {
    const PREDICTION_LOG_DIR = temporaryFolder();
    const first = await startServer({ PREDICTION_LOG_DIR });
    await first.post('/predict', TURNOVER_ROW);
    const [file] = recordFiles(PREDICTION_LOG_DIR) as [string];
    const before = readFileSync(file, 'utf8');
    const second = await startServer({ PREDICTION_LOG_DIR });
    expect(readFileSync(file, 'utf8')).toBe(before);

    const calls = Array.from({ length: 200 }, (_, index) =>
      (index % 2 ? first : second).post('/predict', TURNOVER_ROW),
    );
    const ids = (await Promise.all(calls)).map(({ headers }) => headers.get('x-prediction-id'));
    const recorded = readRecords(PREDICTION_LOG_DIR).map(({ prediction_id }) => prediction_id);
    expect(recordFiles(PREDICTION_LOG_DIR)).toHaveLength(2);
    expect(recorded).toHaveLength(201);
    expect(recorded).toEqual(expect.arrayContaining(ids));
  });
});
