/**
 * Installers, by electron-builder, from the folder that Forge has packaged.
 *
 * Forge packages, electron-builder only wraps: it is given the finished folder (`prepackaged`) and never collects files
 * itself, so that there is one list of what ships. Its own Forge makers are not used: they are no Forge 8 makers.
 */
import { MakerBase } from '@electron-forge/maker-base';
import type { MakerOptions } from '@electron-forge/maker-base';
import type { ForgePlatform } from '@electron-forge/shared-types';
import { Arch, Platform, build } from 'electron-builder';
import type { Configuration } from 'electron-builder';

/** What is made where. `targets`: electron-builder's names; the usual ones for the platform where absent. */
export interface MakerBuilderConfig {
  targets?: string[];
}

const platforms: Partial<Record<ForgePlatform, { builder: Platform; targets: string[] }>> = {
  linux: { builder: Platform.LINUX, targets: ['AppImage', 'deb'] },
  darwin: { builder: Platform.MAC, targets: ['dmg', 'zip'] },
  win32: { builder: Platform.WINDOWS, targets: ['nsis'] },
};

const configuration: Configuration = {
  appId: 'app.recto.Recto',
  productName: 'Recto',
  publish: null, // nothing is fetched and nothing announced: updates are the person's own doing
  fileAssociations: [{ ext: 'pdf', name: 'PDF document', role: 'Viewer' }],
  linux: { category: 'Office', maintainer: 'The Recto authors' },
  nsis: { oneClick: false, perMachine: false },
};

/** The maker to name in forge.config.ts. */
export class MakerBuilder extends MakerBase<MakerBuilderConfig> {
  override name = 'builder';
  override defaultPlatforms: ForgePlatform[] = ['linux', 'darwin', 'win32'];

  override isSupportedOnCurrentPlatform(): boolean {
    return true;
  }

  override async make({ dir, makeDir, appName, targetPlatform, targetArch }: MakerOptions): Promise<string[]> {
    const platform = platforms[targetPlatform];
    const arch = (Arch as unknown as Record<string, Arch | undefined>)[targetArch];
    if (platform === undefined || arch === undefined) throw new Error(`no installers are made for ${targetPlatform}-${targetArch}`);
    return build({
      prepackaged: targetPlatform === 'darwin' ? `${dir}/${appName}.app` : dir,
      targets: platform.builder.createTarget(this.config.targets ?? platform.targets, arch),
      config: { ...configuration, directories: { output: makeDir } },
    });
  }
}
