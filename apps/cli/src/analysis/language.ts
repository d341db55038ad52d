/** Korean or English for sentences that come in both: by the option, else by the terminal's own language. */
import type { Sentence } from '@sillok/api';
import { Option } from 'commander';
import type { Io } from '../io.js';
import { safeLine } from '../terminal/safe-text.js';

export type Language = 'ko' | 'en';

export interface LanguageOptions {
  readonly lang?: Language;
}

export function languageOption(): Option {
  return new Option('--lang <language>', 'language of sentences (LC_ALL, LC_MESSAGES, LANG)').choices([
    'ko',
    'en',
  ]);
}

export function languageOf({ lang }: LanguageOptions, { env }: Io): Language {
  if (lang !== undefined) return lang;
  const named = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return named.startsWith('ko') ? 'ko' : 'en';
}

/** Sentences hold text of records: nothing of it may reach the terminal as it is. */
export function told(sentence: Sentence, language: Language): string {
  return safeLine(sentence[language]);
}
