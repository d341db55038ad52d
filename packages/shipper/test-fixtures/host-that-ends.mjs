// A host that has nothing more to do while its shipper still waits for the server: it must end by itself.
import { createShipper } from '@sillok/shipper';
import { openSpoolWriter } from '@sillok/spool';

const [, , directory, url] = process.argv;
const header = { sillok: 1, producer: 'orders-1', boot: 'boot-1', resource: {}, encoding: 'flat' };
const writer = openSpoolWriter({ directory, header });
writer.append(JSON.stringify({ seq: 1, message: 'last words' }));
writer.syncNow();
createShipper({ directory, source: writer, url }).start();
// The request is on its way before the host runs out of work.
setTimeout(() => undefined, 100);
