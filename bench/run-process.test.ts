import { describe, expect, it } from 'vitest';
import { lastWords, printedBy, withoutPaths } from './run-process.ts';

const run = (script: string, minutes = 1): Promise<unknown> => printedBy(['node', '-e', script], { minutes });

describe('a cell’s process', () => {
  it('gives the JSON that it prints', async () => {
    await expect(run('console.error("loading"); console.log(JSON.stringify({ row: "encode" }))')).resolves.toEqual({ row: 'encode' });
  });

  it('is cut off when its time is over, with what it started', async () => {
    await expect(run('require("child_process").execSync("sleep 60")', 0.005)).rejects.toThrow('not done in 0.005 min');
  });

  it('says in a sentence why there is nothing', async () => {
    await expect(run('console.error("Error: no such model"); process.exit(3)')).rejects.toThrow('Error: no such model');
    await expect(run('process.exit(3)')).rejects.toThrow('ended with 3');
    await expect(run('process.kill(process.pid, "SIGKILL")')).rejects.toThrow('ended by SIGKILL, most likely for want of memory');
    await expect(run('console.log("half a line")')).rejects.toThrow('printed no JSON');
    await expect(printedBy(['no-such-program'], { minutes: 1 })).rejects.toThrow('spawn no-such-program ENOENT');
  });
});

describe('the sentence', () => {
  it('is the message of a failure that Recto printed', () => {
    expect(lastWords('Timing\n{"code":"model-missing","message":"no model \\u0027/home/a/models/int8\\u0027"}\n')).toBe("no model 'int8'");
    expect(lastWords('')).toBeUndefined();
  });

  it('names no folder of this machine', () => {
    expect(withoutPaths("no model '/home/a b/models/int8'")).toBe("no model 'int8'");
    expect(withoutPaths('spawn /home/a/.venv/bin/python ENOENT')).toBe('spawn python ENOENT');
    expect(withoutPaths("Cannot find module 'x' imported from file:///home/a/y.ts")).toBe("Cannot find module 'x' imported from y.ts");
    expect(withoutPaths('see https://example.org/a/b and 3/4')).toBe('see https://example.org/a/b and 3/4');
  });
});
