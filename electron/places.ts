/**
 * Where things lie: the built page, the preload, the runtime and its Node; in a checkout and in a packaged app.
 *
 * A packaged app keeps the runtime as plain files beside its archive, laid out as in the checkout, since plain Node
 * cannot read an archive (tools/packaging/). Pure: knows paths, touches no file but to look for a Node.
 */
import { join } from 'node:path';
import { findDevelopmentNode, packagedNode } from './find-node.ts';
import type { RuntimeCommand } from './runtime-child.ts';

/** What the app knows of itself. */
export interface AppFacts {
  isPackaged: boolean;
  /** The checkout, or the archive of a packaged app. */
  appFolder: string;
  /** Where a packaged app's resources lie. */
  resourcesFolder: string;
  env: NodeJS.ProcessEnv;
}

/** The page's folder, as `npm run build` leaves it. */
export function pageFolder({ appFolder }: AppFacts): string {
  return join(appFolder, 'dist', 'renderer');
}

/** The built preload. */
export function preloadPath({ appFolder }: AppFacts): string {
  return join(appFolder, '.vite', 'build', 'preload.cjs');
}

/** How to start the runtime. Throws where no Node is there to run it. */
export function runtimeCommand(app: AppFacts): RuntimeCommand {
  const root = runtimeRoot(app);
  return {
    // A packaged app runs its own Node only: no variable may make it run another program under its name.
    nodePath: app.isPackaged ? packagedNode(root) : findDevelopmentNode(app.appFolder, app.env),
    args: [join(root, 'model-runtime', 'src', 'server', 'child.ts')],
    env: app.env,
  };
}

/** A sample document that came with Recto. It lies beside the runtime, which reads it where it lies. */
export function samplePath(app: AppFacts, name: string): string {
  return join(runtimeRoot(app), 'assets', 'samples', name);
}

function runtimeRoot({ isPackaged, appFolder, resourcesFolder }: AppFacts): string {
  return isPackaged ? join(resourcesFolder, 'runtime') : appFolder;
}
