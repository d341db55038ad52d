// The worker: takes messages of the queue and sends a mail (that is: counts one) for each order.
import { setTimeout as pause } from 'node:timers/promises';
import { setContext, sillok } from '@sillok/node';
import { processMessage } from '@sillok/node/messaging';
import { db } from '../lib/database.mjs';
import { done, SYSTEM, take } from '../lib/queue.mjs';
import { stopWith } from '../lib/stopping.mjs';
import { isOn } from '../lib/stories.mjs';

const QUEUE = 'order-placed';
const IDLE_MS = 500;
const log = sillok({ service: 'worker', version: '1.2.0', environment: 'demo', stdout: 'none' });
let isStopping = false;

async function work(message) {
  const { id } = message.body;
  setContext({ order: { id: Number(id) } });
  await db.query('UPDATE orders SET mails_sent = mails_sent + 1 WHERE id = $1', [id]);
  log.info('mail sent');
  // The fault of the story: the work is done, and the queue is not told.
  if (isOn('redelivered-message') && message.deliveries === 1)
    return log.warn('stopped before the message was done');
  await done(message);
}

async function run() {
  while (!isStopping) {
    const message = await take(QUEUE).catch(() => undefined);
    if (message === undefined) await pause(IDLE_MS);
    else await handle(message).catch((error) => log.error(error, 'a message could not be worked on'));
  }
}

/** In the trace of whoever sent it, with the queue's own count of how often it was delivered. */
function handle(message) {
  return processMessage(
    {
      system: SYSTEM,
      destination: QUEUE,
      header: (name) => message.headers[name],
      id: String(message.id),
      attempt: message.deliveries,
    },
    () => work(message),
  );
}

const running = run();
process.send?.({ ready: true });
stopWith(async () => {
  isStopping = true;
  await running;
  await log.close();
});
