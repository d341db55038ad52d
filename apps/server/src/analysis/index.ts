/** Answers drawn from many records: one file per question. */
import type { FastifyInstance } from 'fastify';
import type { Reading } from '../read/reading.js';
import { registerScenario } from './scenario/route.js';
import { registerTrace } from './trace/route.js';

export function registerAnalysisRoutes(app: FastifyInstance, reading: Reading): void {
  for (const register of [registerTrace, registerScenario]) register(app, reading);
}
