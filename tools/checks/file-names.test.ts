import { expect, test } from 'vitest';
import { emptyNames } from './file-names.mjs';

test('names that exclude nothing are refused, as files and as folders, whatever their extension', () => {
  const refused = ['renderer/utils.ts', 'model-runtime/src/common/page.ts', 'electron/types.d.ts', 'tools/x/helpers.test.ts'];
  const kept = ['renderer/ui/button.tsx', 'model-runtime/src/library/stored-states.ts', 'docs/decisions/0001-core-types.md'];
  expect(emptyNames([...refused, ...kept])).toEqual(refused);
});
