/** KILL by id, confirmed: asked until the engine no longer knows the statement. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.js';
import { KILL_POLL_MS, KILL_TIMEOUT_MS } from './limits.js';

/** True when no statement of that id runs any more; false when it would not end in time. */
export async function killStatement(client: Client, queryId: string): Promise<boolean> {
  const deadlineMs = performance.now() + KILL_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const running = await client.text({
      sql: 'KILL QUERY WHERE query_id = {id:String} ASYNC',
      params: { id: queryId },
      pool: 'system',
      timeoutMs: KILL_TIMEOUT_MS,
    });
    if (running === '') return true;
    await delay(KILL_POLL_MS);
  }
  return false;
}
