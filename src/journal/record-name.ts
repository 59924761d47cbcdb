import { join } from 'node:path';

/** Nobody but the group may read records, whatever the umask would permit. */
export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;

/** A day in UTC, which has no leap seconds. */
export const DAY_MS = 86_400_000;

/** `<host>-<pid>-<random>-<n>`, or without the random part as earlier builds named their files. */
const STEM = /^.+-\d+(?:-[0-9a-f]{16})?-\d+$/;
const MARK = /^(?<model>[a-z0-9][a-z0-9._-]{0,62}),(?<date>\d{4}-\d\d-\d\d),(?<stem>[A-Za-z0-9._-]+)$/;

/** Where the records of a model and a day (in UTC) stand. */
export function recordFolder(root: string, model: string, date: string): string {
  return join(root, `model=${model}`, `date=${date}`);
}

/** Whether a file's name is one that Nestor gives to record files. */
export function isRecordName(name: string): boolean {
  return name.endsWith('.ndjson') && STEM.test(name.slice(0, -'.ndjson'.length));
}

/** The record file that a mark stands for; undefined where the name is none of a mark. */
export function markedPath(root: string, mark: string): string | undefined {
  const { model, date, stem } = MARK.exec(mark)?.groups ?? {};
  return model === undefined ? undefined : join(recordFolder(root, model, date!), `${stem}.ndjson`);
}
