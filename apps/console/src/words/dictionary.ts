/**
 * Two languages, one dictionary per area. A word that is missing in Korean, or that takes other values there, does not
 * compile. The language is fixed while the frame is drawn: choosing another draws the frame anew, so nothing subscribes.
 */
import { createStore } from '../ui/store.js';

export type Language = 'en' | 'ko';
type Word = string | ((...values: readonly never[]) => string);
type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] };

export interface Dictionary<T> {
  readonly en: Same<T>;
  readonly ko: Same<T>;
}

export function dictionary<const T extends Readonly<Record<string, Word>>>(
  en: T,
  ko: Same<T>,
): Dictionary<T> {
  // Literal types were only needed to compare the two.
  return { en: en as Same<T>, ko };
}

/** `1 record`, `2 records`: English counts one thing differently. Numbers come as they are shown. */
export function counted(count: string | number, one: string, many = `${one}s`): string {
  return `${count} ${String(count) === '1' ? one : many}`;
}

const KEY = 'sillok.language';

export const languageStore = createStore<Language>(initialLanguage());

function initialLanguage(): Language {
  if (typeof localStorage === 'undefined') return 'en';
  const kept = localStorage.getItem(KEY);
  if (kept === 'en' || kept === 'ko') return kept;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  languageStore.set(language);
}

/** The words of an area in the reader's language. */
export function say<T>(words: Dictionary<T>): Same<T> {
  return words[languageStore.get()];
}
