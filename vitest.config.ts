import { defineConfig } from 'vitest/config';

const common = {
  globals: true,
  setupFiles: ['reflect-metadata', './test/support/set-up.ts'],
  testTimeout: 20_000,
  hookTimeout: 30_000,
};

/** Four kinds: beside the code with `new`, the whole app in this process, `dist/` as a process, the documents followed. */
export default defineConfig({
  test: {
    silent: 'passed-only',
    projects: [
      // What they import is loaded once for all; they make their objects, or their application, and share nothing else.
      { test: { ...common, name: 'unit', include: ['src/**/*.spec.ts'], isolate: false } },
      {
        test: {
          ...common,
          name: 'e2e',
          include: ['test/**/*.e2e-spec.ts'],
          isolate: false,
          // A version that is pushed is checked by a process of dist/.
          globalSetup: './test/support/fresh-dist.ts',
        },
      },
      {
        test: {
          ...common,
          name: 'smoke',
          include: ['test/**/*.smoke-spec.ts'],
          globalSetup: './test/support/fresh-dist.ts',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: 'walk',
          include: ['test/walk/*.walk-spec.ts'],
          globalSetup: './test/walk/set-up.ts',
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
