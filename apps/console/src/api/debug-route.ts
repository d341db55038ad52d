/** The calls of debug sessions. */
import type { DebugEndAnswer, DebugRouteAnswer, DebugRouteBody, DebugSessionsAnswer } from '@sillok/api';
import { ask, send } from './http.js';

export const debugRouteCalls = {
  list: (signal: AbortSignal): Promise<DebugSessionsAnswer> => ask('/api/debug-route', { signal }),
  begin: (body: DebugRouteBody): Promise<DebugRouteAnswer> => send('POST', '/api/debug-route', body),
  end: (id: string): Promise<DebugEndAnswer> => send('DELETE', `/api/debug-route/${encodeURIComponent(id)}`),
};
