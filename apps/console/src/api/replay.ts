/** Replays into second databases, as the server has heard of them. */
import type { ReplayShape } from '@sillok/api';
import { ask, send } from './http.js';

export const replayCalls = {
  list: (signal: AbortSignal): Promise<{ readonly replays: readonly ReplayShape[] }> =>
    ask('/api/replays', { signal }),
  forget: ({ mode, name }: Pick<ReplayShape, 'mode' | 'name'>): Promise<unknown> =>
    send('DELETE', `/api/replays/${mode}/${encodeURIComponent(name)}`),
};
