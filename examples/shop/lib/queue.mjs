// A small durable queue in PostgreSQL: a message that is taken is hidden for a while, and delivered again unless it is done.
import { outgoingHeaders, span } from '@sillok/node';
import { db } from './database.mjs';

const HIDDEN_SECONDS = 2;
export const SYSTEM = 'shop_queue';

const about = (queue) => ({
  'span.kind': 'producer',
  'messaging.system': SYSTEM,
  'messaging.destination.name': queue,
  'messaging.operation.type': 'send',
});

/** The trace travels beside the message, as it does in the headers of a request. */
export function publish(queue, body) {
  return span(`send ${queue}`, about(queue), async (own) => {
    const { rows } = await db.query(
      'INSERT INTO messages (queue, headers, body) VALUES ($1, $2, $3) RETURNING id',
      [queue, JSON.stringify(outgoingHeaders()), JSON.stringify(body)],
    );
    own.set({ 'messaging.message.id': String(rows[0].id) });
  });
}

/** One message, or nothing. */
export async function take(queue) {
  const { rows } = await db.query(
    `UPDATE messages SET deliveries = deliveries + 1, visible_at = now() + $2 * interval '1 second'
     WHERE id = (SELECT id FROM messages WHERE queue = $1 AND visible_at <= now() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, headers, body, deliveries`,
    [queue, HIDDEN_SECONDS],
  );
  return rows[0];
}

export function done(message) {
  return db.query('DELETE FROM messages WHERE id = $1', [message.id]);
}
