/**
 * Unit tests: everything that stands beside the code it tests. The browser and shell specs have their own
 * configuration (e2e/vitest.config.ts), because they want one process at a time and far longer limits.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{model-runtime,electron,renderer,tools,bench}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'tools/{train,reference}/**'],
    // onnxruntime takes its process down when a worker thread ends during a run, so: processes, never threads.
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
});
