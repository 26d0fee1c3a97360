/**
 * How the page is built: one static folder with relative addresses, which the desktop shell serves under app:// and
 * `recto serve` under http://127.0.0.1. No polyfills: both hosts bring a current browser.
 */
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';

// A build is for people, whoever starts it: test runners set NODE_ENV to 'test', which would bring React's development build.
process.env['NODE_ENV'] = 'production';

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});

export default config;
