// A service that is killed in the middle of its work: it appends as fast as it can and says how far it is.
import { openSpoolWriter } from '@sillok/spool';

const header = { sillok: 1, producer: 'orders-1', boot: 'boot-1', resource: {}, encoding: 'flat' };
// No group sync within the test: everything that is found was written, but never synced.
const timers = { after: () => () => undefined, every: () => () => undefined };
const writer = openSpoolWriter({ directory: process.argv[2], header, timers });

for (let seq = 1; ; seq += 1) {
  writer.append(JSON.stringify({ seq, message: `line ${seq}` }));
  if (seq % 1000 === 0) process.stdout.write(`${seq}\n`);
}
