/** What the documents of the project point at exists: links, commands' scripts, files and rules named in ARCHITECTURE.md. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import config from '../../.dependency-cruiser.mjs';
import { projectFiles } from './project-files.mjs';

const root = join(import.meta.dirname, '..', '..');
const listed = projectFiles(root);
const documents = listed.filter((path) => path.endsWith('.md'));
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

test('every link leads to a file', () => {
  const dead = documents.flatMap((path) =>
    [...textOf(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  expect(documents.length).toBeGreaterThan(5);
  expect(dead).toEqual([]);
});

test('every npm script that a document names is there', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const unknown = documents.flatMap((path) =>
    [...textOf(path).matchAll(/npm run ([a-z][a-z:-]*)/g)]
      .filter(([, name = '']) => scripts[name] === undefined)
      .map(([command]) => `${path}: ${command}`),
  );
  expect(unknown).toEqual([]);
});

test('every file and every rule that ARCHITECTURE.md names is there', () => {
  const named = [...textOf('ARCHITECTURE.md').matchAll(/`([a-z0-9./-]+\.(?:tsx?|mjs|json|md))`/gi)].map(([, name = '']) => name);
  // A name may leave out the folder that its row or sentence is about; what a model folder holds is made, not kept.
  const kept = named.filter((name) => name !== 'manifest.json' && name !== 'tokenizer.json');
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.filter((name) => !listed.some((path) => path === name || path.endsWith(`/${name.replace(/^…?\//, '')}`)))).toEqual([]);

  const rules = config.forbidden.map(({ name }) => name);
  const quoted = [
    ...textOf('ARCHITECTURE.md').matchAll(/`((?:runtime|page|shell|no|one|run|import|features|ui|contract|manifest|product)-[a-z-]+)`/g),
  ];
  expect(quoted.length).toBeGreaterThan(10);
  expect(quoted.map(([, name = '']) => name).filter((name) => !rules.includes(name) && name !== 'no-restricted-imports')).toEqual([]);
});
