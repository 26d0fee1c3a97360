/**
 * What a page in a browser may ask of the runtime: all but what reaches files and folders it has no business with.
 *
 * The desktop app is trusted with paths, since the person picks them in the system's own dialogs. A browser page hands
 * over documents as uploads and names models by their names; models come and go on the command line. Of what is kept
 * from earlier readings it sees and forgets its own uploads only.
 */
import type { CallName, ParamsOf, ResultOf, RuntimeClient } from '../contract.ts';
import { RuntimeError } from '../errors.ts';

/** The runtime as a browser page may use it; the rest is refused with 'request-invalid'. `isUploaded` knows the paths a page may open. */
export function restrictToPage(runtime: RuntimeClient, isUploaded: (path: string) => boolean): RuntimeClient {
  async function ownLibrary(): Promise<ResultOf<'library.list'>> {
    const { documents, limitBytes } = await runtime.call('library.list', {});
    const own = documents.filter(({ path }) => isUploaded(path));
    return { documents: own, sizeBytes: own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), limitBytes };
  }

  async function allowed<Name extends CallName>(name: Name, params: ParamsOf<Name>, options: object | undefined): Promise<ResultOf<Name>> {
    if (name === 'library.list') return (await ownLibrary()) as ResultOf<Name>;
    if (name !== 'library.remove') return runtime.call(name, params, options);
    const { keptIds } = params as ParamsOf<'library.remove'>;
    const own = new Set((await ownLibrary()).documents.map(({ keptId }) => keptId));
    return runtime.call('library.remove', { keptIds: keptIds.filter((keptId) => own.has(keptId)) }) as Promise<ResultOf<Name>>;
  }

  return {
    call(name, params, options) {
      const problem = problemWith(name, params, isUploaded);
      if (problem === null) return allowed(name, params, options);
      return Promise.reject(new RuntimeError({ code: 'request-invalid', message: `${name}: ${problem}`, details: { problem } }));
    },
  };
}

function problemWith<Name extends CallName>(name: Name, params: ParamsOf<Name>, isUploaded: (path: string) => boolean): string | null {
  switch (name) {
    case 'models.import':
    case 'models.remove':
      return `a browser page may not change models; use \`recto ${name.replace('.', ' ')}\` or the desktop app`;
    case 'models.verify':
      return modelNameProblem((params as ParamsOf<'models.verify'>).model);
    case 'documents.open': {
      const { path, model } = params as ParamsOf<'documents.open'>;
      if (!isUploaded(path)) return 'a browser page may open only documents that it has uploaded';
      return model === undefined ? null : modelNameProblem(model);
    }
    default:
      return null;
  }
}

function modelNameProblem(model: string): string | null {
  return /[/\\]|^\.+$/.test(model) ? 'a browser page may name a model, not a folder' : null;
}
