import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** For `node --import`: the sources import each other as `.js`, and a child process of a test runs them as they are. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(source)) return next(source.href, context);
    }
    return next(specifier, context);
  },
});
