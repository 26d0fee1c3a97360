import { expect, test } from 'vitest';
import { normaliseText } from './script.ts';

test.each([
  ['e\ufb03cient', 'efficient'],
  ['x\u00b2 and \u00bd stay', 'x\u00b2 and \u00bd stay'],
  ['\ufee3\ufeae\ufea3\ufe92\ufe8e', '\u0645\u0631\u062d\u0628\u0627'],
  ['M\u00a8uller and caf\u00b4e', 'Müller and café'],
  ['\uf0b7 item', '• item'],
  ['a\u00a0b\u2009c', 'a b c'],
  ['e\u0301', 'é'],
  ['zero\u200bwidth\u0007', 'zerowidth'],
])('%j is typed %j', (set, typed) => {
  expect(normaliseText(set)).toBe(typed);
});
