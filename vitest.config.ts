import { defineConfig } from 'vitest/config';

const common = {
  globals: true,
  silent: 'passed-only' as const,
  setupFiles: ['reflect-metadata', './test/support/clean-up.ts'],
  testTimeout: 20_000,
  hookTimeout: 30_000,
};

/** Three kinds: beside the code with `new`, the whole app in this process, and `dist/` as a process of its own. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'unit', include: ['src/**/*.spec.ts'] } },
      { test: { ...common, name: 'e2e', include: ['test/**/*.e2e-spec.ts'] } },
      {
        test: {
          ...common,
          name: 'smoke',
          include: ['test/**/*.smoke-spec.ts'],
          globalSetup: './test/support/fresh-dist.ts',
          testTimeout: 60_000,
        },
      },
    ],
  },
});
