import { defineConfig } from 'vitest/config';

// Tests run on the sources: the `source` condition of each workspace's package.json points at src/index.ts.
// Child processes started by tests run the built files, so `npm test` builds first.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: [
      'packages/*/src/**/*.{test,fuzz}.ts',
      'apps/*/src/**/*.{test,fuzz}.ts',
      'test/**/*.{test,fuzz}.ts',
      'tools/**/*.test.ts',
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
