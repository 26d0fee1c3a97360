/** `recto encode`: reads documents whole and stores what the model made of them, so that later questions are instant. */
import { withRuntime } from './command.ts';
import type { Command, CommandContext } from './command.ts';
import { modeUsage, openDocuments, readingMode, reportDocument } from './open-documents.ts';
import { UsageError, parseCommandLine } from './usage.ts';

const usage = `recto encode <file...> [options]

Reads the documents and stores what the model made of them, so that later questions are answered at once.

      --model NAME|DIR  the model to read them with (default: the one there is)
${modeUsage}
      --password P      the password of encrypted documents (default: asks for it)
      --json            print one JSON value: the documents, their pages and tokens`;

/** See the file's head. */
export const encode: Command = { usage, run: runEncode };

async function runEncode(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals: files } = parseCommandLine(args, {
    model: { type: 'string' },
    password: { type: 'string' },
    mode: { type: 'string' },
  });
  const mode = readingMode(values.mode);
  if (files.length === 0) throw new UsageError('name at least one document to read');
  await withRuntime(async (runtime) => {
    const documents = await openDocuments(runtime, { files, model: values.model, password: values.password, mode }, context);
    if (context.terminal.isJson) context.terminal.writeJson({ documents: documents.map(reportDocument) });
  });
}
