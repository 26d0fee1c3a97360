/** Light, dark, or as the system says. */
import { Menu } from '@base-ui/react/menu';
import { Check, Monitor, Moon, Sun } from 'lucide-react';
import { type JSX, useEffect } from 'react';
import { useStore } from 'zustand';
import type { Theme } from '../../../electron/ipc-contract.ts';
import menu from '../../ui/menu.module.css';
import type { AppSettings } from './settings-store.ts';

const THEMES = [
  { theme: 'system', name: 'As the system', Icon: Monitor },
  { theme: 'light', name: 'Light', Icon: Sun },
  { theme: 'dark', name: 'Dark', Icon: Moon },
] as const;

/** A button that opens the choice of themes, and keeps the page in the one chosen. */
export function ThemeMenu({ settings, className }: { settings: AppSettings; className?: string | undefined }): JSX.Element {
  const { theme } = useStore(settings.state);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const { Icon: Current } = THEMES.find((known) => known.theme === theme) ?? THEMES[0];

  return (
    <Menu.Root>
      <Menu.Trigger className={className} aria-label="Appearance" title="Appearance">
        <Current size={16} aria-hidden="true" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className={menu['positioner']}>
          <Menu.Popup className={menu['popup']}>
            <Menu.RadioGroup value={theme} onValueChange={(value: Theme) => settings.chooseTheme(value)}>
              {THEMES.map(({ theme: value, name, Icon }) => (
                <Menu.RadioItem key={value} value={value} className={menu['item']} closeOnClick>
                  <Icon size={16} aria-hidden="true" />
                  <span className={menu['label']}>{name}</span>
                  <Menu.RadioItemIndicator className={menu['indicator']}>
                    <Check size={15} />
                  </Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
