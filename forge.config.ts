/**
 * How the app is packaged: what goes into Electron's archive, what lies beside it, which of Electron's fuses are blown,
 * who makes the installers.
 *
 * The archive holds the built shell and page and nothing else; the runtime lies beside it as plain files
 * (tools/packaging/runtime-files.ts), natives and all. ELECTRON_ZIP_DIR: take Electron from that folder, not the network.
 * RECTO_TARGETS: which installers to make, by electron-builder's names ("deb,AppImage"). RECTO_OUT: where everything goes.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import { VitePlugin } from '@electron-forge/plugin-vite';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { MakerBuilder } from './tools/packaging/maker-builder.ts';
import { copyRuntime } from './tools/packaging/runtime-files.ts';

const root = import.meta.dirname;
const electronZipDir = process.env['ELECTRON_ZIP_DIR'];
const targets = process.env['RECTO_TARGETS']?.split(',');

/** Files of the checkout that go into the archive; a folder is kept where something inside it is. */
const kept = ['/package.json', '/.vite/build/main.cjs', '/.vite/build/preload.cjs', '/dist/renderer'];

function isKept(path: string): boolean {
  return path === '' || kept.some((keep) => path === keep || path.startsWith(`${keep}/`) || keep.startsWith(`${path}/`));
}

const config: ForgeConfig = {
  outDir: process.env['RECTO_OUT'] ?? 'out',
  packagerConfig: {
    name: 'Recto',
    executableName: 'recto',
    appBundleId: 'app.recto.Recto',
    asar: true,
    prune: false, // there is nothing to prune: no node_modules are kept
    // A function: with anything else Forge's Vite plugin would keep /.vite alone.
    ignore: (path) => !isKept(path),
    ...(electronZipDir === undefined ? {} : { electronZipDir }),
  },
  hooks: {
    prePackage: async () => {
      const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
      await promisify(execFile)(process.execPath, [vite, 'build', '--config', 'renderer/vite.config.ts'], { cwd: root });
    },
    // oxlint-disable-next-line eslint/max-params -- Forge's signature
    packageAfterCopy: async (_config, appFolder, _electronVersion, platform, arch) => {
      await copyRuntime(root, join(appFolder, '..', 'runtime'), { platform, arch });
    },
  },
  plugins: [
    new VitePlugin({
      build: [
        { entry: 'electron/main.ts', config: 'electron/vite.main.config.ts', target: 'main' },
        { entry: 'electron/preload.ts', config: 'electron/vite.preload.config.ts', target: 'preload' },
      ],
      renderer: [], // built by its own configuration, for the desktop and for `recto serve` alike
    }),
    new FusesPlugin({
      version: FuseVersion.V1,
      strictlyRequireAllFuses: true,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
      [FuseV1Options.WasmTrapHandlers]: true,
    }),
  ],
  makers: [new MakerBuilder(targets === undefined ? {} : { targets })],
};

export default config;
