import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import type { AppLogger } from '../observability/app-logger.js';
import { testSettings } from '../../test/support/create-app.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { withKeys } from '../../test/support/keys.js';
import { KnownCallers } from './known-callers.js';

const logger = { info: () => undefined, warn: () => undefined } as unknown as AppLogger;

function callers(settings: Readonly<Record<string, string>>): KnownCallers {
  const made = new KnownCallers(AppConfig.from(testSettings(settings)), logger, new Siblings());
  onTestFinished(() => made.onApplicationShutdown());
  return made;
}

describe('known callers', () => {
  it('are those of API_KEYS_FILE', async () => {
    const { settings, keys } = withKeys({ shop: { scopes: ['predict'] } });
    const known = callers(settings);
    expect(await Promise.resolve(known.find(keys.shop))).toMatchObject({ scopes: new Set(['predict']) });
    expect(await Promise.resolve(known.find(`${keys.shop}x`))).toBeUndefined();
    expect(await Promise.resolve(known.find(''))).toBeUndefined();
  });

  it('are none where nobody needs a key, whatever the file holds', async () => {
    const { settings, keys } = withKeys({ shop: {} });
    expect(await Promise.resolve(callers({ ...settings, AUTH: '' }).find(keys.shop))).toBeUndefined();
  });

  it('cannot be told of a file that cannot be taken', () => {
    const path = join(temporaryFolder(), 'keys.json');
    writeFileSync(path, '{}', { mode: 0o600 });
    expect(() => callers({ AUTH: 'required', API_KEYS_FILE: path })).toThrow(StartupFault);
  });
});
