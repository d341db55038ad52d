/** One node:http server in a process of its own, in one of the modes of http-handlers.mjs. See ../http.mjs. */
import { createServer } from 'node:http';
import { MODES } from './http-handlers.mjs';

const [mode] = process.argv.slice(2);
const { handler, end } = await MODES[mode]();
const server = createServer(handler);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', async () => {
  await end();
  process.exit(0);
});
