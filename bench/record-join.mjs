// Compares what was answered with what was recorded, while both grow: each answered id must have one record, by the
// version that the answer names, with the digest of that version's model. What has been compared is forgotten, and its
// record file deleted.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const LINE = /^\{"prediction_id":"([^"]+)".*?"version":"(\d+)","sha256":"([0-9a-f]+)"/;

export class RecordJoin {
  /** What is known from one side alone: id → version. */
  answered = new Map();
  recorded = new Map();
  compared = 0;
  faults = [];

  /** `digests`: SHA-256 of a model.onnx → its version. */
  constructor(folder, digests) {
    Object.assign(this, { folder, digests });
  }

  /** Takes in a whole file of answers (`<id> <version>` a line). */
  addAnswers(path) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [id, version] = line.split(' ');
      if (version !== undefined) this.add(this.answered, this.recorded, id, version);
    }
    rmSync(path);
  }

  /** Takes in the record files that the server has closed. */
  addRecords() {
    const paths = this.find('.ndjson');
    // Asked for after the files: a mark is removed when its file has been closed. Its name ends with the file's.
    const open = new Set(this.find('').map((path) => basename(path).split(',')[2]));
    for (const path of paths.filter((each) => !open.has(basename(each, '.ndjson')))) {
      for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') this.addRecord(line);
      rmSync(path);
    }
  }

  find(ending) {
    const names = readdirSync(this.folder, { recursive: true });
    return names.filter((name) => name.endsWith(ending)).map((name) => join(this.folder, name));
  }

  addRecord(line) {
    const [, id, version, sha256] = LINE.exec(line) ?? [];
    if (id === undefined) {
      this.faults.push(`no record: ${line.slice(0, 200)}`);
      return;
    }
    if (this.digests.get(sha256) !== version)
      this.faults.push(`${id}: version ${version} with sha256 ${sha256}`);
    this.add(this.recorded, this.answered, id, version);
  }

  add(mine, others, id, version) {
    if (mine.has(id)) this.faults.push(`${id}: twice`);
    const other = others.get(id);
    if (other === undefined) {
      mine.set(id, version);
      return;
    }
    others.delete(id);
    this.compared++;
    if (other !== version) this.faults.push(`${id}: version ${version} and ${other}`);
  }
}
