/** The keys that work everywhere on the page: Ctrl/Cmd+O opens, Ctrl/Cmd+K or / goes to the question, Escape stops the answer. */
import { useEffect, useRef } from 'react';

/** What the keys do; a key without an action is left alone. */
export interface ShortcutActions {
  onOpen?: () => void;
  onQuestion?: () => void;
  onStop?: () => void;
}

/** Listens on the window while the component that uses it is there. */
export function useShortcuts(actions: ShortcutActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.isComposing) return;
      const name = shortcutOf(event);
      const action = name === null ? undefined : latest.current[name];
      if (action === undefined) return;
      event.preventDefault(); // keeps the browser, and the shell's menu, from doing it too
      action();
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function shortcutOf(event: KeyboardEvent): keyof ShortcutActions | null {
  const key = event.key.toLowerCase();
  if (key === 'escape') return isInPopup(event.target) ? null : 'onStop';
  if (key === '/') return isTyping(event.target) ? null : 'onQuestion';
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return null;
  return key === 'o' ? 'onOpen' : key === 'k' ? 'onQuestion' : null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'range');
}

/** Escape in a menu or popover closes that and nothing else. */
function isInPopup(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="menu"], [role="dialog"]') !== null;
}
