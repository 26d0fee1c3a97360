import { describe, expect, it } from 'vitest';
import { dispatch } from './dispatch.ts';
import { createProgress } from './progress.ts';

/** Runs a command line in this process and keeps what it says. Only for what ends before anything is opened. */
async function run(args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const exitCode = await dispatch(args, {
    signal: AbortSignal.timeout(5000),
    terminal: {
      isJson: args.includes('--json'),
      canAsk: false,
      progress: createProgress({ write: (text) => (stderr += text) }),
      write: (text) => void (stdout += text),
      writeJson: (value) => void (stdout += JSON.stringify(value)),
      note: (line) => void (stderr += `${line}\n`),
      warn: (line) => void (stderr += `${line}\n`),
    },
  });
  return { exitCode, stdout, stderr };
}

describe('wrong usage ends with 2, a sentence and the usage, and nothing on stdout', () => {
  it.each([
    [[], 'recto: say what to do'],
    [['aks'], "there is no command 'aks' (did you mean ask?)"],
    [['toString'], "there is no command 'toString'"],
    [['ask'], 'name at least one document'],
    [['ask', 'a.pdf'], 'ask something'],
    [['ask', 'a.pdf', '-q', ' '], 'a question is empty'],
    [['ask', 'a.pdf', '-q'], "option '-q, --question <value>' argument missing"],
    [['ask', 'a.pdf', '-q', 'x', '--modle', 'm'], 'there is no option --modle (did you mean --model?)'],
    [['ask', 'a.pdf', '-q', 'x', '--mode', 'bok'], "--mode takes exact or book, not 'bok' (did you mean book?)"],
    [['ask', 'a.pdf', '-q', 'x', '--max-tokens', '0'], '--max-tokens takes a whole number from 1 to 4096'],
    [['encode'], 'name at least one document'],
    [['read'], 'name at least one document'],
    [['library', 'forget'], 'library forget wants a document'],
    [['library', 'clera'], 'did you mean clear?'],
    [['models'], 'models list, models import, models verify, models remove'],
    [['models', 'lsit'], 'did you mean list?'],
    [['models', 'import'], 'models import wants a checkpoint folder'],
    [['models', 'import', '/x', '--precision', 'int2'], "--precision takes fp32 or int8 or int4, not 'int2' (did you mean int8?)"],
    [['models', 'verify', 'a', 'b'], 'one model at a time'],
    [['forward', '--model', 'm'], '--inputs is missing'],
    [['serve', '--port', '70000'], '--port takes a whole number from 0 to 65535'],
  ])('%j', async (args, sentence) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain(
      `\n\nrecto ${args[0] !== undefined && ['ask', 'encode', 'library', 'read', 'models', 'forward', 'serve'].includes(args[0]) ? args[0] : '<command>'}`,
    );
    expect(stderr).not.toContain('    at ');
  });
});

it.each([
  [['--help'], 'Exit codes'],
  [['help'], 'Exit codes'],
  [['ask', 'a.pdf', '-h'], '--max-tokens'],
  [['models', 'import', '--help'], '--precision'],
  [['serve', '--help'], '--port'],
])('help goes to stdout and ends with 0: %j', async (args, part) => {
  expect(await run(args)).toEqual({ exitCode: 0, stdout: expect.stringContaining(part), stderr: '' });
});
