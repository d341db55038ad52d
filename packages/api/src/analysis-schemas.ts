/**
 * Shapes of the answers about one trace and one person: what was called, where it broke, who sent it how often.
 *
 * Every answer carries freshness, gaps and cost as a search does. A `RecordRef` names the record that something was
 * read from, so that every statement can be checked: `GET /api/context` with it shows the record itself.
 */
import { z } from 'zod';
import {
  SCENARIO_IDS_MAX,
  SCENARIO_STEPS_DEFAULT,
  SCENARIO_STEPS_MAX,
  TRACE_NODES_DEFAULT,
  TRACE_NODES_MAX,
} from './limits.analysis.js';
import { count, moment, range, type Trust } from './schemas.js';

const id = z.string().min(1).max(512);
const span = { from: moment.optional(), to: moment.optional() };

export const traceQuery = z.strictObject({
  ...span,
  /** `off`: times as recorded, even where a child begins before its parent. */
  skew: z.enum(['on', 'off']).default('on'),
  limit: count(TRACE_NODES_DEFAULT, TRACE_NODES_MAX),
});

/** One, or several: the name is repeated in the address. */
const ids = z
  .union([id, z.array(id).min(1).max(SCENARIO_IDS_MAX)])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** Whose story: at least one of the ids. Several are joined by "or". */
export const scenarioQuery = z.strictObject({
  /** Any pseudonym of a person. */
  person: id.optional(),
  global_trace_id: ids.optional(),
  user_hash: ids.optional(),
  session_hash: ids.optional(),
  trace_id: ids.optional(),
  ...span,
  /** Order of the episodes; steps inside one are always in order of time. */
  order: z.enum(['failures', 'newest', 'oldest']).default('failures'),
  limit: count(SCENARIO_STEPS_DEFAULT, SCENARIO_STEPS_MAX),
});

/** Which requests: everything of one id, or of a search. Repeats are found within what it selects. */
export const retriesQuery = z.strictObject({
  ...range,
  id: id.optional(),
  limit: count(100, 1_000),
});

export type TraceParams = z.input<typeof traceQuery>;
export type ScenarioParams = z.input<typeof scenarioQuery>;
export type RetriesParams = z.input<typeof retriesQuery>;

export interface RecordRef {
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
  readonly time: string;
}

/** One sentence in both languages of the console. Derived from fields, the same every time. */
export interface Sentence {
  readonly ko: string;
  readonly en: string;
}

/** What a statement rests on: a record and what stands in it. */
export interface Evidence {
  readonly text: Sentence;
  readonly record: RecordRef | null;
  /** The fields that say so, as `name=value`. */
  readonly fields: readonly string[];
}

export type Place = 'client' | 'edge' | 'service' | 'dependency' | 'undetermined' | 'nowhere';

/** Where a trace or an episode broke. `nowhere`: nothing in it failed. */
export interface Breakpoint {
  readonly place: Place;
  /** Why it was put there: stable words such as `exception`, `timeout`, `no_answer`, `refused`. */
  readonly reason: string;
  /** The service, the edge or the dependency. */
  readonly name: string | null;
  /** The node of the trace. */
  readonly node: string | null;
  /** What failed was made good: the hop above it succeeded all the same. */
  readonly recovered: boolean;
  readonly sentence: Sentence;
  readonly evidence: readonly Evidence[];
}

// ── Trace ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type NodeType =
  | 'request' // a service took a request: its access record or server span
  | 'call' // a service or the browser called another
  | 'query' // a statement to a database
  | 'send' // a message given to a broker
  | 'receive' // a message taken from a broker
  | 'edge' // nginx, a load balancer, a CDN: an access record with `edge.kind`
  | 'work' // a section inside one service
  | 'click' // what the person did in the browser
  | 'page' // what the person saw
  | 'missing'; // somebody's parent that no record describes

export interface TraceNode {
  /** Unique within the answer; the span id where there is one. */
  readonly id: string;
  readonly parent: string | null;
  readonly depth: number;
  readonly type: NodeType;
  readonly name: string;
  readonly service: string;
  readonly version: string;
  readonly instance: string;
  readonly span_id: string;
  /** Corrected by the skew of its clock, unless `skew=off`. */
  readonly start: string;
  readonly end: string;
  /** As recorded; only there when it differs from `start`. */
  readonly recorded_start?: string;
  /** What was taken off its clock. */
  readonly skew_ms: number;
  readonly duration_ms: number;
  /** Own time: not covered by a child. */
  readonly self_ms: number;
  /** Time on the critical path of the trace. */
  readonly critical_ms: number;
  readonly failed: boolean;
  readonly error: { readonly type: string; readonly message: string } | null;
  readonly http: {
    readonly method: string;
    readonly route: string;
    readonly path: string;
    readonly status: number;
    readonly address: string;
    readonly resend_count: number;
  } | null;
  readonly db: { readonly system: string; readonly namespace: string; readonly statement: string } | null;
  readonly messaging: {
    readonly system: string;
    readonly destination: string;
    readonly message_id: string;
    readonly delivery_attempt: number;
  } | null;
  readonly edge: {
    readonly kind: string;
    readonly request_id: string;
    readonly attempts: number;
    readonly addresses: readonly string[];
    readonly statuses: readonly string[];
    readonly durations_ms: readonly (number | null)[];
  } | null;
  /** `route.debug`: the rule that sent this hop to a debug copy. */
  readonly debug_rule: string | null;
  /** Null for `missing`. */
  readonly record: RecordRef | null;
}

/** A log line, an event or an audit entry, in its place. */
export interface TraceEntry {
  /** The node that it was written in; null when it names none that is here. */
  readonly node: string | null;
  readonly kind: string;
  readonly level: string;
  readonly message: string;
  readonly service: string;
  readonly event: string;
  readonly exception: string;
  /** Corrected like its node. */
  readonly time: string;
  readonly recorded_time?: string;
  readonly record: RecordRef;
}

export interface ClockSkew {
  /** Host, or instance where no host is known. */
  readonly clock: string;
  readonly services: readonly string[];
  /** Taken off this clock's times, so that they fit the root's clock. 0 when the bounds allow it. */
  readonly offset_ms: number;
  /** What parents and children allow; null where a side has no bound. */
  readonly bound_min_ms: number | null;
  readonly bound_max_ms: number | null;
  /** Calls between it and clocks that were placed before it. */
  readonly calls: number;
  /** False when the calls contradict each other: the clock moved, or a parent is wrong. */
  readonly consistent: boolean;
}

export interface ServiceShare {
  readonly service: string;
  readonly versions: readonly string[];
  readonly nodes: number;
  readonly failed: number;
  readonly self_ms: number;
  readonly critical_ms: number;
}

export interface TraceAnswer extends Trust {
  readonly trace_id: string;
  /** The field in which the id that was asked for stands: `trace_id`, `span_id`, `trace.alias.b3`, … */
  readonly found_by: string;
  /** Other traces in which the id stands, newest first. */
  readonly other_traces: readonly string[];
  readonly global_trace_id: string | null;
  readonly user_hash: string | null;
  readonly session_hash: string | null;
  readonly start: string;
  readonly end: string;
  readonly duration_ms: number;
  /** Parents before their children, siblings in order of time. */
  readonly nodes: readonly TraceNode[];
  readonly entries: readonly TraceEntry[];
  readonly services: readonly ServiceShare[];
  /** In order of time; milliseconds from `start`. */
  readonly critical_path: readonly {
    readonly node: string;
    readonly from_ms: number;
    readonly to_ms: number;
  }[];
  readonly skew: { readonly applied: boolean; readonly clocks: readonly ClockSkew[] };
  /** Span ids that are somebody's parent and that no record describes. */
  readonly missing: readonly string[];
  readonly broke: Breakpoint;
  /** More than is shown: `nodes` or `entries` were cut. */
  readonly truncated: { readonly nodes: boolean; readonly entries: boolean };
}

// ── Scenario ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type StepType = NodeType | 'error' | 'log' | 'audit' | 'event';

export interface ScenarioStep {
  /** Index of its episode in `episodes`. */
  readonly episode: number;
  readonly type: StepType;
  readonly time: string;
  readonly duration_ms: number | null;
  readonly failed: boolean;
  readonly service: string;
  readonly version: string;
  readonly trace_id: string;
  readonly span_id: string;
  /** How deep it lies: 0 is what the person did or saw. */
  readonly depth: number;
  readonly sentence: Sentence;
  /** The technical line beside the sentence. */
  readonly detail: string;
  readonly record: RecordRef;
}

/** One thing that the person tried: a trace with what caused it, or a stretch of records without a trace. */
export interface Episode {
  readonly start: string;
  readonly end: string;
  readonly trace_id: string | null;
  readonly failed: boolean;
  /** What it was and how it ended: "카카오 로그인 실패 — 인증 서버가 응답하지 않음". */
  readonly sentence: Sentence;
  readonly broke: Breakpoint;
  /** Search text that finds the same failure of others, for `GET /api/others`; null when nothing failed. */
  readonly similar: string | null;
  readonly steps: number;
}

export interface ScenarioAnswer extends Trust {
  readonly person: {
    readonly user_hashes: readonly string[];
    readonly session_hashes: readonly string[];
    readonly global_trace_ids: readonly string[];
  };
  /** In the order asked for. */
  readonly episodes: readonly Episode[];
  /** All steps, oldest first. */
  readonly steps: readonly ScenarioStep[];
  readonly truncated: boolean;
}

// ── Retries ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export type RetryVerdict =
  | 'user'
  | 'client_bug'
  | 'client_retry'
  | 'edge_retry'
  | 'service_retry'
  | 'redelivery'
  | 'undetermined';

/** One reason why there were more of it further down than above. */
export interface RetryCause {
  readonly verdict: RetryVerdict;
  /** How many more it made. */
  readonly extra: number;
  readonly evidence: readonly Evidence[];
}

/** The same request or message, more than once. */
export interface RetryGroup {
  /** `POST /orders` or the queue's name. */
  readonly what: string;
  readonly service: string;
  readonly first: string;
  readonly last: string;
  /** How often the service took it. */
  readonly received: number;
  /** What is known of each layer; null where no record of it is there. */
  readonly layers: {
    readonly actions: number | null;
    readonly client: number | null;
    readonly edge: number | null;
    readonly services: number | null;
  };
  /** What made the most of it. `undetermined` as soon as a part cannot be explained. */
  readonly verdict: RetryVerdict;
  readonly causes: readonly RetryCause[];
  readonly sentence: Sentence;
  readonly trace_ids: readonly string[];
}

export interface RetriesAnswer extends Trust {
  readonly groups: readonly RetryGroup[];
  /** Requests and messages that were looked at. */
  readonly looked_at: number;
  readonly truncated: boolean;
}
