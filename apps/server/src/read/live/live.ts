/**
 * `GET /api/live?q=`: server-sent events, one record each, from the queue and not from the database: a record is seen
 * here as soon as it is safe. The filter is compiled once per reader.
 */
import type { ServerResponse } from 'node:http';
import { liveQuery, ROUTES } from '@sillok/api';
import { compileMatcher } from '@sillok/query';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ReadError } from '../errors.js';
import { LIVE_READERS_MAX } from '../limits.js';
import { checked, hasPipes, searchOf, type Reading } from '../reading.js';
import { parseEventId, type EventId } from './event-id.js';
import { createHub } from './hub.js';
import { LiveReader, type LiveSink } from './reader.js';

export function registerLive(app: FastifyInstance, reading: Reading): void {
  const hub = createHub(reading.state);
  const open = new Set<ServerResponse>();
  reading.onStop(() => {
    // A reader that does not read would never see the end, and hold up the stop.
    for (const response of open) if (response.writableLength > 0) response.destroy();
    for (const response of open) response.end();
  });
  reading.metrics.gauge('sillok_live_readers', 'Readers of the live tail', () => hub.count);

  app.get(ROUTES.live, (request, reply) => {
    const principal = reading.auth.authenticate(request, 'read');
    const { project } = principal;
    const asked = checked(liveQuery, request.query);
    const query = searchOf(asked.q);
    if (hasPipes(query))
      throw new ReadError('pipes_refused', 'The live tail shows records, so its search has no pipes.');
    if (hub.count >= LIVE_READERS_MAX) {
      throw new ReadError('too_many_queries', `${LIVE_READERS_MAX} readers follow the live tail already.`, {
        retryAfterSeconds: 5,
      });
    }
    if (request.method === 'HEAD') return reply.type('text/event-stream').send();
    const response = begin(reply);
    const sink = sinkOf(response, () => reading.auth.isStillGood(principal));
    const reader = new LiveReader({ project, matches: compileMatcher(query), sink });
    const remove = hub.add(reader);
    open.add(response);
    response.once('close', () => {
      remove();
      open.delete(response);
    });
    const id = lastEventId(request, asked.last_event_id);
    if (id === undefined) return reply;
    reader
      .catchUp(id, (position) => reading.state.admittedSince(position))
      .catch((error: unknown) => {
        reading.log.error('a live reader could not catch up; it will connect again', { error });
        response.destroy();
      });
    return reply;
  });
}

function lastEventId(request: FastifyRequest, fromQuery: string | undefined): EventId | undefined {
  const header = request.headers['last-event-id'];
  return parseEventId((typeof header === 'string' ? header : fromQuery) ?? '');
}

function begin(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Tells nginx and its like not to collect the stream before passing it on.
    'x-accel-buffering': 'no',
  });
  response.write(': connected\n\n');
  return response;
}

/** `mayRead` is asked before each event and each heartbeat: a revoked key sees nothing more, and the stream ends. */
function sinkOf(response: ServerResponse, mayRead: () => boolean): LiveSink {
  return {
    write(text) {
      if (response.writableEnded) return;
      if (mayRead()) response.write(text);
      else response.end();
    },
    get waitingBytes() {
      return response.writableLength;
    },
    drained() {
      if (response.writableLength === 0 || response.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        response.once('drain', done);
        response.once('close', done);
        function done(): void {
          response.off('drain', done);
          response.off('close', done);
          resolve();
        }
      });
    },
    get isClosed() {
      return response.destroyed || response.writableEnded;
    },
  };
}
