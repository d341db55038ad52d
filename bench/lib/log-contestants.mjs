/**
 * The loggers of the logger benchmark, each in the way its manual recommends, writing to a real file. `record` means a
 * write(2) per record (a killed process loses nothing); `batch` is the fastest mode that each offers, which may lose
 * what stands in its buffer.
 *
 * Every contestant gives `message(text)`, `request(context, work)` (opens a request with fields that belong on all its
 * records), `fields(object, text)` (inside a request), and `done()`, which resolves when all is in the file.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createWriteStream, openSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

const loggers = new AsyncLocalStorage();

/** A logger of the request in AsyncLocalStorage: how pino, bunyan and winston users carry context. */
function withChildren(root, makeChild, done) {
  return {
    message: (text) => root.info(text),
    request: (context, work) => loggers.run(makeChild(root, context), work),
    fields: (object, text) => loggers.getStore().info(object, text),
    done,
  };
}

async function pinoAt(folder, destinationOptions) {
  const { pino } = await import('pino');
  const destination = pino.destination({ dest: join(folder, 'pino.ndjson'), ...destinationOptions });
  const done = async () => {
    if (destinationOptions.sync) return destination.flushSync();
    destination.end();
    await once(destination, 'close');
  };
  if (!destinationOptions.sync) await once(destination, 'ready');
  return withChildren(pino(destination), (root, context) => root.child(context), done);
}

async function bunyanAt(folder, stream, done) {
  const { default: bunyan } = await import('bunyan');
  const root = bunyan.createLogger({ name: 'bench', streams: [{ stream }] });
  return withChildren(root, (parent, context) => parent.child(context, true), done);
}

async function winstonAt(folder, transports, done) {
  const { default: winston } = await import('winston');
  const format = winston.format.combine(winston.format.timestamp(), winston.format.json());
  const root = winston.createLogger({ format, transports: transports(winston) });
  const contestant = withChildren(
    root,
    (parent, context) => parent.child(context),
    () => done(root),
  );
  // winston takes the message first.
  return { ...contestant, fields: (object, text) => loggers.getStore().info(text, object) };
}

async function sillokAt(folder, mapped) {
  const { sillok, withContext } = await import('@sillok/node');
  const log = sillok({
    service: 'bench',
    spoolDirectory: join(folder, 'spool'),
    stdout: 'none',
    heartbeatMs: 0,
    mapped,
  });
  return {
    message: (text) => log.info(text),
    request: withContext,
    fields: (object, text) => log.info(object, text),
    done: () => log.flush(),
    close: () => log.close(),
  };
}

const fileIn = (folder, name) => openSync(join(folder, name), 'a');

export const CONTESTANTS = {
  sillok: { durability: 'record', open: (folder) => sillokAt(folder, true) },
  'sillok write': { durability: 'record', open: (folder) => sillokAt(folder, false) },
  'pino sync': { durability: 'record', open: (folder) => pinoAt(folder, { sync: true }) },
  'bunyan write': {
    durability: 'record',
    open: (folder) => {
      const fd = fileIn(folder, 'bunyan.ndjson');
      return bunyanAt(folder, { write: (line) => void writeSync(fd, line) }, async () => {});
    },
  },
  'winston write': {
    durability: 'record',
    open: async (folder) => {
      const { Writable } = await import('node:stream');
      const fd = fileIn(folder, 'winston.ndjson');
      const stream = new Writable({
        write: (chunk, _encoding, next) => {
          writeSync(fd, chunk);
          next();
        },
      });
      const done = async (root) => {
        root.end();
        await once(root, 'finish');
      };
      return winstonAt(folder, (winston) => [new winston.transports.Stream({ stream })], done);
    },
  },
  'pino sync 4k': { durability: 'batch', open: (folder) => pinoAt(folder, { sync: true, minLength: 4096 }) },
  'pino async 8k': {
    durability: 'batch',
    open: (folder) => pinoAt(folder, { sync: false, minLength: 8192 }),
  },
  'bunyan stream': {
    durability: 'batch',
    open: (folder) => {
      const stream = createWriteStream(join(folder, 'bunyan.ndjson'));
      return bunyanAt(folder, stream, async () => {
        stream.end();
        await once(stream, 'finish');
      });
    },
  },
  'winston stream': {
    durability: 'batch',
    open: (folder) => {
      const stream = createWriteStream(join(folder, 'winston.ndjson'));
      const done = async (root) => {
        root.end();
        await once(root, 'finish');
        stream.end();
        await once(stream, 'finish');
      };
      return winstonAt(folder, (winston) => [new winston.transports.Stream({ stream })], done);
    },
  },
};
