import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { newId } from '../observability/ids.js';
import { audit, type AuditOptions } from './audit.js';

const root = temporaryFolder();
mkdirSync(join(root, 'model=loan', 'date=2025-01-02'), { recursive: true });

describe(audit.name, () => {
  it.each<[string, string, AuditOptions, number, RegExp]>([
    ['nothing asked', root, {}, 2, /^audit needs to know what is asked: --id, --principal/],
    ['no folder', join(root, 'none'), { id: 'x' }, 2, /none is not a folder; give the PREDICTION_LOG_DIR/],
    ['no time', root, { since: 'yesterday' }, 2, /^--since must be a date or a time, such as 2026-11-27/],
    ['no format', root, { model: 'loan', format: 'xlsx' }, 2, /^--format must be ndjson or csv/],
    ['no such model', root, { model: 'laon' }, 1, /is of the model laon; there are some of loan$/],
    ['no such id', root, { id: newId() }, 1, /^no record below .* has the prediction_id /],
  ])('says of %s what is wrong', async (_, folder, options, exitCode, reason) => {
    await expect(audit(folder, options)).rejects.toMatchObject({
      exitCode,
      message: expect.stringMatching(reason) as string,
    });
  });
});
