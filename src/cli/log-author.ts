import { userInfo } from 'node:os';
import { AppConfig } from '../config/app-config.js';
import type { Sign } from '../journal/chained-line.js';
import { sealKey } from '../journal/seal-key.js';

/** Who takes something out of the record, as the ledger names him, and his signature. */
export interface Author {
  readonly by: string;
  readonly sign: Sign | undefined;
}

/** The one whom `--by` names, else the user of the system; the key is that of the settings. @throws StartupFault */
export function logAuthor(by: string | undefined): Author {
  return { by: by ?? userName(), sign: sealKey(AppConfig.load().predictionLogSealKeyFile) };
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
