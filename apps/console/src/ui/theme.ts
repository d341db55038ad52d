/** Light, dark, or as the system says. */
import { createKeptStore } from './store.js';

const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (value: unknown): value is Theme => THEMES.some((theme) => theme === value);

export const themeStore = createKeptStore<Theme>('sillok.theme', 'auto', isTheme);

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
}
