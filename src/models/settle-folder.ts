import { join } from 'node:path';
import { ModelAliases } from '../artifacts/aliases.js';
import { listModels } from '../artifacts/artifact-store.js';
import { removeLeftovers } from '../artifacts/upload.js';
import { DomainError } from '../errors/errors.js';
import type { AppLogger } from '../observability/app-logger.js';

/**
 * Clears up what killed processes left in the artifact folder: uploads that were not finished, changes of aliases whose
 * line in the history is not. Nothing that fails here stops a start: the models can be served all the same.
 */
export async function settleFolder(root: string, logger: Pick<AppLogger, 'info' | 'warn'>): Promise<void> {
  const removed = await removeLeftovers(root);
  if (removed > 0) logger.info('unfinished uploads removed', { count: removed });
  // That it cannot be read is found again, and told, by whoever serves it.
  const models = await listModels(root).catch(() => []);
  for (const { name, fault } of models) {
    if (fault !== undefined) continue;
    await new ModelAliases(join(root, name)).settle().catch((error: Error) => {
      const reason = error instanceof DomainError ? error.code : error.message;
      logger.warn('history of a model could not be brought up to date', { model: name, reason });
    });
  }
}
