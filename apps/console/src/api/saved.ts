/** Saved searches and question cards, kept by the server: they are there in every browser, and shared ones for everybody. */
import type { QuestionCard, SavedBody, SavedShape } from '@sillok/api';
import { ask, send } from './http.js';

export interface SavedAnswer {
  readonly saved: readonly SavedShape[];
  readonly cards: readonly QuestionCard[];
  readonly starred_cards: readonly string[];
}

const one = (id: string): string => `/api/saved/${encodeURIComponent(id)}`;

export const savedSearches = (signal?: AbortSignal): Promise<SavedAnswer> =>
  ask('/api/saved', signal ? { signal } : {});

export const saveSearch = (body: SavedBody): Promise<SavedShape> => send('POST', '/api/saved', body);

export const removeSaved = (id: string): Promise<unknown> => send('DELETE', one(id));

export const setStar = (id: string, isStarred: boolean): Promise<unknown> =>
  send(isStarred ? 'PUT' : 'DELETE', `${one(id)}/star`);
