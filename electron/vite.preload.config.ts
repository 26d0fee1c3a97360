/**
 * How the preload is built: one CommonJS file, as a sandboxed preload must be. Used as vite.main.config.ts is.
 */
import type { UserConfig } from 'vite';
import packageJson from '../package.json' with { type: 'json' };

const config: UserConfig = {
  define: { RECTO_VERSION: JSON.stringify(packageJson.version) },
  build: {
    outDir: '.vite/build',
    emptyOutDir: false, // the main process is built into it too
    copyPublicDir: false,
    target: 'chrome140',
    minify: false,
    lib: { entry: 'electron/preload.ts', formats: ['cjs'], fileName: () => '[name].cjs' },
    rollupOptions: { external: ['electron'] },
  },
};

export default config;
