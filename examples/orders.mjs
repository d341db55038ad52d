// The README's tour: a service that takes orders until it is killed. Three lines are Sillok's.
import { createLogger } from '@sillok/node';
const url = process.env.SILLOK_URL ?? 'http://127.0.0.1:4318';
const log = createLogger({ service: 'orders', url, stdout: 'none' }); // on a terminal it would print them all

for (let number = 1; ; number += 1) {
  log.info({ order: { id: number, amount: (number * 37) % 1000 } }, `주문 ${number} 결제 완료`);
  // In the middle of its work, without a chance to tidy up: what kill -9 or the kernel's OOM killer does.
  if (number === 25_000) process.kill(process.pid, 'SIGKILL');
}
