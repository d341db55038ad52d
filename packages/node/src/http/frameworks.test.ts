import 'reflect-metadata';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { serve } from '@hono/node-server';
import { Body, Controller, Get, Inject, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { expect, test } from 'vitest';
import { sillokExpress } from '../express.js';
import { sillokFastify } from '../fastify.js';
import { sillokHono } from '../hono.js';
import { sillokHttp } from '../http.js';
import { sillokKoa } from '../koa.js';
import { nestLogger, sillokNest } from '../nest.js';
import { createTestLog } from '../test.js';
import { describeFramework, listening, runningApp, type Framework, type Handlers } from './framework.case.js';

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => resolve(text));
  });
}

/** A router of the plain kind, for servers that bring none. Undefined: nothing there. */
async function route(handlers: Handlers, request: IncomingMessage): Promise<object | undefined> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const id = /^\/orders\/(\w+)$/.exec(path)?.[1];
  if (request.method === 'POST' && path === '/orders')
    return handlers.create(JSON.parse(await readBody(request)));
  if (id !== undefined) return handlers.order(id);
  if (path === '/fail') return handlers.fail();
  return path === '/hold' ? handlers.hold() : undefined;
}

async function answer(handlers: Handlers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await route(handlers, request);
    response.statusCode = body === undefined ? 404 : 200;
    response.end(JSON.stringify(body ?? {}));
  } catch {
    response.writeHead(500).end();
  }
}

const frameworks: Framework[] = [
  {
    name: 'node:http',
    hasRoutes: false,
    hasErrors: false,
    start: (options, handlers) =>
      listening(
        createServer(sillokHttp((request, response) => answer(handlers, request, response), options)),
      ),
  },
  {
    name: 'Express 5',
    hasRoutes: true,
    hasErrors: false,
    start: (options, handlers) => {
      const app = express();
      // In tests Express does not print what it answers 500 to.
      app.set('env', 'test');
      app.use(sillokExpress(options));
      app.use(express.json());
      app.get(
        '/orders/:id',
        async (request, response) => void response.json(await handlers.order(request.params.id)),
      );
      app.post('/orders', (request, response) => void response.json(handlers.create(request.body)));
      app.get('/fail', () => handlers.fail());
      app.get('/hold', () => handlers.hold());
      return listening(createServer(app));
    },
  },
  {
    name: 'Fastify',
    hasRoutes: true,
    hasErrors: true,
    start: async (options, handlers) => {
      const app = fastify();
      await app.register(sillokFastify, options);
      app.get<{ Params: { id: string } }>('/orders/:id', (request) => handlers.order(request.params.id));
      app.post<{ Body: { id?: string } }>('/orders', async (request) => handlers.create(request.body));
      app.get('/fail', async () => handlers.fail());
      app.get('/hold', () => handlers.hold());
      await app.listen({ port: 0, host: '127.0.0.1' });
      return runningApp(app.server);
    },
  },
  {
    name: 'Koa',
    hasRoutes: false,
    hasErrors: true,
    start: (options, handlers) => {
      const app = new Koa();
      app.silent = true;
      app.use(sillokKoa(options));
      app.use(async (context) => {
        const body = await route(handlers, context.req);
        if (body !== undefined) context.body = body;
      });
      return listening(createServer(app.callback()));
    },
  },
  {
    name: 'Hono',
    hasRoutes: true,
    hasErrors: true,
    start: async (options, handlers) => {
      const app = new Hono();
      app.use(sillokHono(options));
      app.get('/orders/:id', async (context) => context.json(await handlers.order(context.req.param('id'))));
      app.post('/orders', async (context) => context.json(handlers.create(await context.req.json<object>())));
      app.get('/fail', () => handlers.fail());
      app.get('/hold', () => handlers.hold());
      app.onError((_error, context) => context.text('failed', 500));
      const server = await new Promise<Server>((resolve) => {
        const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () =>
          resolve(started as Server),
        ); // no TLS
      });
      return runningApp(server);
    },
  },
  { name: 'NestJS on Express', hasRoutes: true, hasErrors: false, start: startNest },
];

async function startNest(
  options: Parameters<Framework['start']>[0],
  handlers: Handlers,
): ReturnType<Framework['start']> {
  class Orders {
    declare readonly handlers: Handlers;
    order(id: string): Promise<object> {
      return this.handlers.order(id);
    }
    create(body: object): object {
      return this.handlers.create(body);
    }
    fail(): never {
      return this.handlers.fail();
    }
    hold(): Promise<never> {
      return this.handlers.hold();
    }
  }
  // What the decorators `@Get(':id') order(@Param('id') id)` compile to.
  const method = (name: keyof Orders, route: MethodDecorator): void => {
    route(Orders.prototype, name, Object.getOwnPropertyDescriptor(Orders.prototype, name) ?? {});
  };
  Inject('handlers')(Orders.prototype, 'handlers');
  Param('id')(Orders.prototype, 'order', 0);
  Body()(Orders.prototype, 'create', 0);
  method('order', Get('orders/:id'));
  method('create', Post('orders'));
  method('fail', Get('fail'));
  method('hold', Get('hold'));
  Controller()(Orders);
  class App {}
  Module({ controllers: [Orders], providers: [{ provide: 'handlers', useValue: handlers }] })(App);
  const app = await NestFactory.create(App, { logger: false });
  app.use(sillokNest(options));
  await app.listen(0, '127.0.0.1');
  return runningApp(app.getHttpServer());
}

for (const framework of frameworks) describeFramework(framework);

test('middleware that stands twice in a chain writes one record', async () => {
  const { log, logged, records } = createTestLog();
  const app = express();
  app.use(sillokExpress({ log }), sillokExpress({ log }));
  app.get('/x', (_request, response) => void response.send('x'));
  const running = await listening(createServer(sillokHttp(app, { log })));
  await (await fetch(`${running.url}/x`)).text();
  await logged({ kind: 'access' });
  await running.close();
  expect(records({ kind: 'access' })).toHaveLength(1);
});

test('routers below a mount point give the whole pattern', async () => {
  const { log, logged } = createTestLog();
  const app = express();
  const shop = express.Router();
  shop.get('/items/:item', (_request, response) => void response.send('x'));
  app.use(sillokExpress({ log }));
  app.use('/shop', shop);
  const running = await listening(createServer(app));
  await (await fetch(`${running.url}/shop/items/7`)).text();
  const access = await logged({ kind: 'access' });
  await running.close();
  expect(access.attributes).toMatchObject({
    http: { route: '/shop/items/:item' },
    url: { path: '/shop/items/7' },
  });
});

test('requests that are ignored get a context and no record', async () => {
  const { log, records, logged } = createTestLog();
  const handler = sillokHttp(
    (request, response) => {
      log.info(`seen ${request.url}`);
      response.end();
    },
    { log, ignore: (path) => path === '/livez' },
  );
  const running = await listening(createServer(handler));
  await (await fetch(`${running.url}/livez`)).text();
  await (await fetch(`${running.url}/x`)).text();
  await logged({ kind: 'access' });
  await running.close();
  expect(records({ kind: 'access' })).toHaveLength(1);
  expect(records({ message: 'seen /livez' })[0]?.trace_id).toMatch(/^[0-9a-f]{32}$/);
});

test('lines of Nest itself become records with the class that speaks', () => {
  const { log, records } = createTestLog();
  const nest = nestLogger(log);
  nest.log('started', 'NestApplication');
  nest.error('failed', 'Error: failed\n    at somewhere', 'ExceptionsHandler');
  nest.warn({ plain: 'object' });
  expect(records().map(({ level, message, attributes }) => [level, message, attributes])).toEqual([
    ['info', 'started', { nest: { context: 'NestApplication' } }],
    [
      'error',
      'failed',
      {
        nest: { context: 'ExceptionsHandler' },
        exception: { stacktrace: 'Error: failed\n    at somewhere' },
      },
    ],
    ['warn', '', { plain: 'object' }],
  ]);
});
