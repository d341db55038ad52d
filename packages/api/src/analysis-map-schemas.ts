/** Shapes of the answers about services and their endpoints: who calls whom, how it goes, and where it is heading. */
import { z } from 'zod';
import { ENDPOINTS_MAX, IMPACT_DEPTH_MAX, TRENDS_DAYS_MAX } from './limits.analysis.js';
import { count, moment, type Trust } from './schemas.js';

const span = { from: moment.optional(), to: moment.optional() };
const name = z.string().min(1).max(512);
/** A token of RFC 9110. */
const method = z
  .string()
  .max(64)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'a method is one word, as in GET');

export const impactQuery = z.strictObject({
  service: name,
  /** Route (`/orders/:id`), or the queue's name for a consumer. */
  route: name,
  method: method.optional(),
  depth: count(2, IMPACT_DEPTH_MAX),
  direction: z.enum(['callers', 'callees', 'both']).default('both'),
  ...span,
});

/** `before_from` and `before_to` are what it is compared with; by default the same length directly before. */
export const mapQuery = z.strictObject({
  ...span,
  before_from: moment.optional(),
  before_to: moment.optional(),
});

export const endpointsQuery = z.strictObject({
  ...span,
  service: name.optional(),
  sort: z.enum(['requests', 'errors', 'p95', 'time']).default('time'),
  limit: count(100, ENDPOINTS_MAX),
});

export const endpointQuery = z.strictObject({
  service: name,
  route: name,
  method: method.optional(),
  ...span,
  buckets: count(60, 500),
});

export const trendsQuery = z.strictObject({
  /** How far back. */
  days: count(90, TRENDS_DAYS_MAX),
  service: name.optional(),
  route: name.optional(),
  method: method.optional(),
  /** The limit that an endpoint should stay below. */
  limit_ms: z.coerce.number().min(1).max(3_600_000).default(1_000),
  limit: count(50, ENDPOINTS_MAX),
});

export type ImpactParams = z.input<typeof impactQuery>;
export type MapParams = z.input<typeof mapQuery>;
export type EndpointsParams = z.input<typeof endpointsQuery>;
export type EndpointParams = z.input<typeof endpointQuery>;
export type TrendsParams = z.input<typeof trendsQuery>;

export interface Endpoint {
  readonly service: string;
  readonly method: string;
  readonly route: string;
}

export interface ImpactEndpoint extends Endpoint {
  /** 1: calls it, or is called by it, directly. */
  readonly depth: number;
  /** The next endpoint on the way to the one asked about. */
  readonly via: Endpoint;
  /** Its requests that reached the endpoint (callers), or that came from it (callees). */
  readonly calls: number;
  readonly errors: number;
  readonly traces: number;
  readonly last_seen: string;
  readonly versions: readonly string[];
}

export interface ImpactAnswer extends Trust {
  readonly endpoint: Endpoint;
  readonly calls: number;
  readonly traces: number;
  readonly callers: readonly ImpactEndpoint[];
  readonly callees: readonly ImpactEndpoint[];
  /** Requests whose parent no record describes: their callers are not known. */
  readonly orphans: number;
  /** 1 when every trace was counted; 0.1 when one in ten was, and counts were not scaled. */
  readonly sample: number;
  readonly truncated: boolean;
}

export interface Numbers {
  readonly requests: number;
  readonly errors: number;
  readonly rate_per_second: number;
  readonly error_share: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  /** Sum of the durations. */
  readonly time_ms: number;
}

export interface MapService {
  readonly name: string;
  readonly type: 'service' | 'edge' | 'client' | 'database' | 'queue' | 'external';
  readonly versions: readonly string[];
  readonly now: Numbers;
  readonly before: Numbers | null;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly now: Numbers;
  readonly before: Numbers | null;
}

export interface MapAnswer extends Trust {
  readonly from: string;
  readonly to: string;
  readonly before: { readonly from: string; readonly to: string };
  readonly services: readonly MapService[];
  readonly edges: readonly MapEdge[];
  /** Share of the traces that the edges were counted from; their numbers are scaled up by it. */
  readonly sample: number;
  readonly truncated: boolean;
}

export interface EndpointRow extends Endpoint, Numbers {
  readonly versions: readonly string[];
  readonly last_seen: string;
}

export interface EndpointsAnswer extends Trust {
  readonly endpoints: readonly EndpointRow[];
  readonly truncated: boolean;
}

export interface Heatmap {
  readonly bucket_ms: number;
  /** Upper bounds of the rows in milliseconds, rising; the last row has none. */
  readonly bounds_ms: readonly number[];
  readonly columns: readonly {
    readonly time: string;
    /** One count per row; `errors` are those of them that failed. */
    readonly counts: readonly number[];
    readonly errors: readonly number[];
  }[];
}

export interface EndpointAnswer extends Trust {
  readonly endpoint: Endpoint;
  readonly total: Numbers;
  readonly versions: readonly (Numbers & { readonly version: string; readonly first_seen: string })[];
  readonly series: readonly (Numbers & { readonly time: string })[];
  readonly heatmap: Heatmap;
}

/** A straight line through the days; null where there are too few to say anything. */
export interface TrendLine {
  readonly days: number;
  readonly change_per_day: number;
  /** 95 % interval of the change. */
  readonly change_min: number;
  readonly change_max: number;
  readonly getting: 'worse' | 'better' | 'steady';
}

export interface TrendEndpoint extends Endpoint {
  readonly points: readonly {
    readonly day: string;
    readonly requests: number;
    readonly errors: number;
    readonly p95_ms: number | null;
  }[];
  readonly p95: TrendLine | null;
  readonly errors: TrendLine | null;
  readonly requests: TrendLine | null;
  /** When p95 reaches the limit, if it goes on like this; null when it does not, or when nobody can say. */
  readonly crosses: {
    readonly expected: string;
    readonly earliest: string;
    readonly latest: string | null;
  } | null;
  /** Above the limit already. */
  readonly is_over: boolean;
}

export interface TrendsAnswer extends Trust {
  readonly from: string;
  readonly to: string;
  readonly limit_ms: number;
  /** The ones that get worse come first, the soonest to cross before the others. */
  readonly endpoints: readonly TrendEndpoint[];
  /** Hours up to here are in the rollup. */
  readonly rolled_up_to: string | null;
  readonly truncated: boolean;
}
