/**
 * Installers, by electron-builder, from the folder that Forge has packaged.
 *
 * Forge packages, electron-builder only wraps: it is given the finished folder (`prepackaged`) and never collects files
 * itself, so that there is one list of what ships. Its own Forge makers are not used: they are no Forge 8 makers.
 */
import { MakerBase } from '@electron-forge/maker-base';
import type { MakerOptions } from '@electron-forge/maker-base';
import type { ForgePlatform } from '@electron-forge/shared-types';
/** What is made where. `targets`: electron-builder's names; the usual ones for the platform where absent. */
export interface MakerBuilderConfig {
  targets?: string[];
}
/** The maker to name in forge.config.ts. */
export declare class MakerBuilder extends MakerBase<MakerBuilderConfig> {
  name: string;
  defaultPlatforms: ForgePlatform[];
  isSupportedOnCurrentPlatform(): boolean;
  make({ dir, makeDir, appName, targetPlatform, targetArch }: MakerOptions): Promise<string[]>;
}
