/**
 * Made traffic of 50 services with 500 endpoints, and what is true of it. Every trace is a tree of calls along routes that
 * the seed chose; decoys are in it: endpoints that call each other in different traces only, span ids that several
 * traces share, parents that nobody recorded, edges and sections in between, and services that write access records only.
 */
import type { FlatRecord } from '@sillok/record';
import { at } from '../story.fixture.js';

export interface Traffic {
  /** Records by service. */
  readonly records: ReadonlyMap<string, readonly FlatRecord[]>;
  /** `caller|depth|endpoint` for every true pair. */
  readonly truth: ReadonlySet<string>;
}

interface Node {
  readonly endpoint: number;
  readonly above: readonly number[];
}

/** A generator that needs no more than to be the same every time. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const SERVICES = 50;
const ENDPOINTS = 500;

export const serviceOf = (endpoint: number): string => `service-${endpoint % SERVICES}`;
export const routeOf = (endpoint: number): string => `/r${endpoint}`;

export function makeTraffic(traces: number, seed: number): Traffic {
  const maker = new Maker(seed);
  for (let trace = 0; trace < traces; trace += 1) maker.addTrace(trace);
  return maker;
}

interface Open {
  readonly node: Node;
  readonly parent: string;
  readonly depth: number;
}

/** Levels below the root. */
const LEVELS = 4;

class Maker implements Traffic {
  readonly records = new Map<string, FlatRecord[]>();
  readonly truth = new Set<string>();
  readonly #random: () => number;
  /** Of each endpoint, the few that it calls at all. */
  readonly #calls: readonly (readonly number[])[];
  readonly #shared: string;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#calls = Array.from({ length: ENDPOINTS }, () =>
      Array.from({ length: 3 }, () => this.#pick(ENDPOINTS)),
    );
    this.#shared = this.#hex(16);
  }

  addTrace(trace: number): void {
    const traceId = this.#hex(32);
    const start = trace * 10;
    const open: Open[] = [
      {
        node: { endpoint: this.#pick(ENDPOINTS), above: [] },
        parent: trace % 5 === 0 ? this.#hex(16) : '',
        depth: 0,
      },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      // The same span id in many traces: only within one does it name a parent.
      const span = next.depth === 0 && trace % 7 === 0 ? this.#shared : this.#hex(16);
      this.#addRequest(next, { traceId, start, span });
      if (next.depth < LEVELS) open.push(...this.#callees(next, { traceId, start, span }));
    }
  }

  #addRequest({ node, parent }: Open, { traceId, start, span }: Place): void {
    const path = routeOf(node.endpoint);
    let above = parent;
    if (this.#pick(4) === 0 && parent !== '') {
      above = this.#hex(16);
      this.#add('edge', access({ traceId, span: above, parent, start, path, isEdge: true }));
    }
    this.#add(serviceOf(node.endpoint), access({ traceId, span, parent: above, start, path, isEdge: false }));
    for (const [index, each] of node.above.entries()) {
      this.truth.add(`${each}|${index + 1}|${node.endpoint}`);
    }
  }

  #callees({ node, depth }: Open, { traceId, start, span }: Place): Open[] {
    const service = serviceOf(node.endpoint);
    // Services with an odd number write access records only: their callees hang below the request itself.
    const isPlain = (node.endpoint % SERVICES) % 2 === 1;
    return (this.#calls[node.endpoint] ?? []).flatMap((callee): Open[] => {
      if (this.#pick(3) === 0) return [];
      const [section, client] = [this.#hex(16), this.#hex(16)];
      if (!isPlain) {
        this.#add(service, spanRecord({ traceId, span: section, parent: span, start, kind: 'internal' }));
        this.#add(service, spanRecord({ traceId, span: client, parent: section, start, kind: 'client' }));
      }
      const below = { endpoint: callee, above: [node.endpoint, ...node.above] };
      return [{ node: below, parent: isPlain ? span : client, depth: depth + 1 }];
    });
  }

  #add(service: string, record: Omit<FlatRecord, 'seq'>): void {
    const list = this.records.get(service) ?? [];
    list.push({ ...record, seq: list.length + 1 } as FlatRecord); // all its other fields are there
    this.records.set(service, list);
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #hex(chars: number): string {
    return Array.from({ length: chars }, () => this.#pick(16).toString(16)).join('');
  }
}

interface Place {
  readonly traceId: string;
  readonly start: number;
  readonly span: string;
}

interface Hop {
  readonly traceId: string;
  readonly span: string;
  readonly parent: string;
  readonly start: number;
}

function access(hop: Hop & { path: string; isEdge: boolean }): Omit<FlatRecord, 'seq'> {
  const { traceId, span, parent, start, path, isEdge } = hop;
  return {
    time: at(start + 1),
    kind: 'access',
    level: 'info',
    message: `GET ${path} 200`,
    trace_id: traceId,
    span_id: span,
    ...(parent === '' ? {} : { parent_span_id: parent }),
    duration_ms: 1,
    'http.request.method': 'GET',
    ...(isEdge ? {} : { 'http.route': path }),
    'http.response.status_code': 200,
    'url.path': path,
    ...(isEdge ? { attributes: { 'edge.kind': 'nginx' } } : {}),
  };
}

function spanRecord({ traceId, span, parent, start, kind }: Hop & { kind: string }): Omit<FlatRecord, 'seq'> {
  return {
    time: at(start),
    kind: 'span',
    level: 'info',
    message: kind,
    trace_id: traceId,
    span_id: span,
    parent_span_id: parent,
    duration_ms: 1,
    attributes: { 'span.kind': kind },
  };
}
