/** The keys that work everywhere on the page: Ctrl/Cmd+O opens, Ctrl/Cmd+K or / goes to the question, Escape stops the answer. */
import { useEffect } from 'react';

/** What the keys do. */
export interface Shortcuts {
  onOpen: () => void;
  onQuestion: () => void;
  onStop: () => void;
}

/** Listens on the window while the component that uses it is there. */
export function useShortcuts({ onOpen, onQuestion, onStop }: Shortcuts): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.isComposing) return;
      const key = event.key.toLowerCase();
      const hasCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const takes = (action: () => void): void => {
        event.preventDefault(); // keeps the browser, and the shell's menu, from doing it too
        action();
      };
      if (hasCommand && key === 'o') takes(onOpen);
      else if (hasCommand && key === 'k') takes(onQuestion);
      else if (key === '/' && !isTyping(event.target)) takes(onQuestion);
      else if (key === 'escape' && !isInPopup(event.target)) onStop();
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [onOpen, onQuestion, onStop]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'range');
}

/** Escape in a menu or popover closes that and nothing else. */
function isInPopup(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="menu"], [role="dialog"]') !== null;
}
