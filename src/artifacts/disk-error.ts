import { NoSpace, ReadOnlyModels } from '../errors/errors.js';
import { isDiskFull } from '../files/writable-folder.js';

const READ_ONLY = ['EROFS', 'EACCES', 'EPERM'];

/** What a caller is told where the file system lets nobody change a model; any other error stays what it is. */
export function diskError(model: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (READ_ONLY.includes(code)) return new ReadOnlyModels(model, code);
  return isDiskFull(error) ? new NoSpace(model) : error;
}
