/**
 * How the shell's main process is built: one CommonJS file, electron and Node's own modules left outside.
 * Used by itself (npm run build) and through Forge's Vite plugin, with the same outcome.
 */
import { builtinModules } from 'node:module';
import type { UserConfig } from 'vite';

const config: UserConfig = {
  build: {
    outDir: '.vite/build',
    emptyOutDir: false, // the preload is built into it too
    copyPublicDir: false,
    target: 'node24',
    minify: false,
    sourcemap: true,
    lib: { entry: 'electron/main.ts', formats: ['cjs'], fileName: () => '[name].cjs' },
    rollupOptions: { external: ['electron', ...builtinModules.flatMap((name) => [name, `node:${name}`])] },
  },
  resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
};

export default config;
