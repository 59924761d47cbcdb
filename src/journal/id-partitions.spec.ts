import { readdirSync } from 'node:fs';
import { newId } from '../observability/ids.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { IdPartitions } from './id-partitions.js';

describe(IdPartitions.name, () => {
  const folder = temporaryFolder();
  beforeEach(() => void vi.stubEnv('TMPDIR', folder));
  afterEach(() => void vi.unstubAllEnvs());

  it('finds the places of all that stands twice, whatever it is', () => {
    const ids = new IdPartitions();
    const once = Array.from({ length: 200_000 }, () => newId());
    once.forEach((id, line) => ids.add(id, 0, line));
    const again = [once[0]!, once[199_999]!, 'no uuid', 'no uuid', once[0]!];
    again.forEach((id, line) => ids.add(id, 1, line));
    const found = [...ids.repetitions()].toSorted((a, b) => a.line - b.line);
    ids.close();

    expect(found).toEqual([0, 1, 3, 4].map((line) => ({ file: 1, line })));
  });

  it('has nothing in the folder of temporary files that a kill would leave there', () => {
    const ids = new IdPartitions();
    for (let line = 0; line < 200_000; line++) ids.add(newId(), 0, line);

    expect(readdirSync(folder)).toEqual([]);
    ids.close();
  });
});
