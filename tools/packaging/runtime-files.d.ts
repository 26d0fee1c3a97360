/** What is packaged for whom. */
export interface RuntimeTarget {
  platform: string;
  arch: string;
}
/** Copies the runtime to `folder`. Throws an Error where something it needs is not here. */
export declare function copyRuntime(root: string, folder: string, target: RuntimeTarget): Promise<void>;
