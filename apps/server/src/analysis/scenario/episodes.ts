/**
 * One person's records → episodes, each with its steps. A trace is an episode, together with the click that caused it; so
 * is a stretch of records without a trace (pages that were looked at, errors in the page). The headline says what it
 * was and how it ended.
 */
import type { Breakpoint, Episode, ScenarioStep, Sentence } from '@sillok/api';
import type { Row } from '@sillok/query';
import { timeToNs } from '@sillok/record';
import { CLICK_REACH_MS, EPISODE_GAP_MS, PAGE_FILES_MS } from '../limits.js';
import { durationMs, refOf, resourceOf, startNs, textOf } from '../row-fields.js';
import { requestName } from '../sentences/names.js';
import { reasonSentence } from '../sentences/reasons.js';
import {
  entryDetail,
  entrySentence,
  entryService,
  entryType,
  hopDetail,
  hopSentence,
  pageName,
} from '../sentences/steps.js';
import { assemble, type Assembled } from '../trace/assemble.js';
import { hasBroken } from '../trace/breakpoint.js';
import type { Hop } from '../trace/hop.js';
import { similarTo } from './similar.js';

type Step = Omit<ScenarioStep, 'episode'>;

export interface Told {
  readonly episode: Omit<Episode, 'steps'>;
  readonly steps: readonly Step[];
  /** What was opened (`page`), or a file that belongs to what was opened (`file`). */
  readonly part?: 'page' | 'file';
}

export function tellTrace(
  traceId: string,
  rows: { nodes: readonly Row[]; entries: readonly Row[] },
  clicks: readonly Row[],
): Told {
  const assembled = assemble({ ...rows, skew: 'on' });
  const { view, tree, broke } = assembled;
  const failed = hasFailed(assembled);
  const action = actionOf(assembled, clicks);
  const culprit = tree.order.find(({ id }) => id === broke.node);
  return {
    episode: {
      start: view.start,
      end: view.end,
      trace_id: traceId,
      failed,
      sentence: headline(action, failed ? broke.sentence : undefined),
      broke,
      similar: failed && culprit?.row ? similarTo(culprit.row) : null,
    },
    steps: stepsOf(assembled, rows.entries),
    ...partOf(assembled, failed),
  };
}

function partOf({ tree }: Assembled, failed: boolean): Pick<Told, 'part'> {
  if (tree.order.some(({ type }) => type === 'page')) return { part: 'page' };
  if (failed || tree.order.some(({ type }) => type === 'click')) return {};
  const { http } = tree.order.find((hop) => hop.http !== null) ?? {};
  return http?.method === 'GET' && FILE.test(http.path) ? { part: 'file' } : {};
}

const FILE = /\.(?:avif|css|gif|ico|jpe?g|m?js|map|mp4|png|svg|ttf|webm|webp|woff2?)$/i;

/**
 * Scripts, styles and pictures come in traces of their own, and nobody asked for them by themselves: they are steps of the
 * page that was opened just before. One that failed stays what it is.
 */
export function foldFiles(told: readonly Told[]): Told[] {
  const kept = told.filter(({ part }) => part !== 'file');
  const files = told.filter(({ part }) => part === 'file');
  const added = new Map<Told, Told[]>();
  const alone: Told[] = [];
  for (const file of files) {
    const page = pageBefore(file, kept);
    if (page === undefined) alone.push(file);
    else added.set(page, [...(added.get(page) ?? []), file]);
  }
  const folded = kept.map((page) => {
    const own = added.get(page) ?? [];
    const end = own.reduce(
      (latest, { episode }) => (episode.end > latest ? episode.end : latest),
      page.episode.end,
    );
    return {
      ...page,
      episode: { ...page.episode, end },
      steps: [page, ...own].flatMap(({ steps }) => steps),
    };
  });
  return [...folded, ...alone];
}

function pageBefore(file: Told, told: readonly Told[]): Told | undefined {
  const startNs = timeToNs(file.episode.start);
  let found: Told | undefined;
  for (const each of told) {
    const beforeNs = startNs - timeToNs(each.episode.start);
    if (each.part !== 'page' || beforeNs < 0n || beforeNs > BigInt(PAGE_FILES_MS) * 1_000_000n) continue;
    if (found === undefined || each.episode.start > found.episode.start) found = each;
  }
  return found;
}

function headline({ ko, en }: Sentence, why: Sentence | undefined): Sentence {
  const name = `${en.charAt(0).toUpperCase()}${en.slice(1)}`;
  if (why === undefined) return { ko, en: name };
  return { ko: `${ko} 실패 — ${why.ko}`, en: `${name} failed — ${why.en}` };
}

/** What the person was told at the end: of each thing that was asked for, the last answer counts. */
function hasFailed({ tree }: Assembled): boolean {
  const last = new Map<string, Hop>();
  const byId = new Map(tree.order.map((hop) => [hop.id, hop]));
  for (const hop of tree.order) {
    if (!isSeen(hop, byId.get(tree.parentOf.get(hop.id) ?? ''))) continue;
    const before = last.get(hop.name);
    if (before === undefined || hop.endMs >= before.endMs) last.set(hop.name, hop);
  }
  return [...last.values()].some((hop) => hasBroken(hop) && !isUsual(hop));
}

/** The service that a call reached, where it has a record: a better name than an address. */
function calleeOf(tree: Assembled['tree'], hop: Hop): string | undefined {
  let children = hop.type === 'call' ? (tree.childrenOf.get(hop.id) ?? []) : [];
  const edge = children.find(({ type }) => type === 'edge');
  if (edge !== undefined) children = tree.childrenOf.get(edge.id) ?? [];
  return children.find(({ type }) => type === 'request')?.service;
}

const IS_CAUSE: ReadonlySet<string> = new Set(['click', 'page', 'missing']);

/** The topmost hop that is a request of any kind. */
function isSeen(hop: Hop, above: Hop | undefined): boolean {
  return !IS_CAUSE.has(hop.type) && (above === undefined || IS_CAUSE.has(above.type));
}

/** Nobody calls because a page asked whether they are signed in, or for a picture that is not there. */
function isUsual({ http }: Hop): boolean {
  return http?.method === 'GET' && (http.status === 401 || http.status === 404);
}

/** The button's own words; else the request's name. */
function actionOf({ tree, view }: Assembled, clicks: readonly Row[]): Sentence {
  const own = tree.order.find(({ type, label }) => type === 'click' && label !== '');
  if (own !== undefined) return { ko: own.label, en: own.label };
  const label = labelOf(causeOf(tree.order, clicks) ?? lastClick(view.start, clicks));
  if (label !== '') return { ko: label, en: label };
  const page = tree.order.find(({ type, row }) => type === 'page' && row !== null);
  if (page?.row) return pageName(page.row);
  const request = tree.order.find(({ http }) => http !== null);
  if (request?.http) return requestName(request.http.method, request.http.route || request.http.path);
  const first = tree.order.find(({ type }) => type !== 'missing');
  return first === undefined ? { ko: '기록', en: 'records' } : { ko: first.name, en: first.name };
}

function labelOf(click: Row | undefined): string {
  if (click === undefined) return '';
  return textOf(click, 'browser.element.name');
}

function causeOf(hops: readonly Hop[], clicks: readonly Row[]): Row | undefined {
  const causes = new Set(hops.map(({ causeId }) => causeId));
  return clicks.find(({ record }) => record.span_id !== undefined && causes.has(record.span_id));
}

/** Only for browsers that do not name the cause: the click just before. */
function lastClick(start: string, clicks: readonly Row[]): Row | undefined {
  const startsNs = timeToNs(start);
  return clicks.findLast(({ record }) => {
    const beforeNs = startsNs - timeToNs(record.time);
    return beforeNs >= 0n && beforeNs <= BigInt(CLICK_REACH_MS) * 1_000_000n;
  });
}

/**
 * When each hop began, and no later than what it did: an access record is put down when its request has ended, and on a busy
 * machine that moment, less the duration, can lie after the request's own calls.
 */
function beginnings({ tree, clock }: Assembled): ReadonlyMap<string, number> {
  const began = new Map<string, number>();
  for (const hop of tree.order.toReversed()) {
    const children = tree.childrenOf.get(hop.id) ?? [];
    const own = clock.timesOf(hop).startMs;
    began.set(
      hop.id,
      children.reduce((least, { id }) => Math.min(least, began.get(id) ?? least), own),
    );
  }
  return began;
}

function stepsOf(assembled: Assembled, entries: readonly Row[]): Step[] {
  const { tree, view, clock } = assembled;
  const began = beginnings(assembled);
  const steps: Step[] = [];
  for (const hop of tree.order) {
    if (hop.row === null || hop.ref === null) continue;
    steps.push({
      type: hop.type,
      time: clock.moment(began.get(hop.id) ?? clock.timesOf(hop).startMs),
      duration_ms: Math.round((hop.endMs - hop.startMs) * 1000) / 1000,
      failed: hasBroken(hop),
      service: hop.service,
      version: hop.version,
      trace_id: hop.row.record.trace_id ?? '',
      span_id: hop.spanId,
      depth: tree.depthOf.get(hop.id) ?? 0,
      sentence: hopSentence(hop, calleeOf(tree, hop)),
      detail: hopDetail(hop),
      record: hop.ref,
    });
  }
  const depthOf = new Map(view.nodes.map(({ id, depth }) => [id, depth]));
  for (const [index, row] of entries.entries()) {
    const placed = view.entries[index];
    const depth = placed?.node == null ? 0 : (depthOf.get(placed.node) ?? 0) + 1;
    steps.push(stepOf(row, { depth, time: placed?.time ?? row.record.time }));
  }
  return steps;
}

export function stepOf(row: Row, { depth, time }: { depth: number; time: string }): Step {
  const { level, trace_id: traceId = '', span_id: spanId = '' } = row.record;
  const type = entryType(row);
  return {
    type,
    time,
    duration_ms: durationMs(row) || null,
    failed: type === 'error' || level === 'error' || level === 'fatal',
    service: entryService(row),
    version: resourceOf(row, 'service.version'),
    trace_id: traceId,
    span_id: spanId,
    depth,
    sentence: entrySentence(row),
    detail: entryDetail(row),
    record: refOf(row),
  };
}

/** Records without a trace, oldest first, in stretches. */
export function tellStretches(rows: readonly Row[]): Told[] {
  const stretches: Row[][] = [];
  let lastNs = 0n;
  for (const row of rows) {
    const ns = startNs(row);
    const current = stretches.at(-1);
    if (current === undefined || ns - lastNs > BigInt(EPISODE_GAP_MS) * 1_000_000n) stretches.push([row]);
    else current.push(row);
    lastNs = ns;
  }
  return stretches.map(tellStretch);
}

function tellStretch(rows: readonly Row[]): Told {
  const steps = rows.map((row) => stepOf(row, { depth: 0, time: row.record.time }));
  const fault = rows.findLast((_row, index) => steps[index]?.failed === true);
  const told = fault ?? rows[0];
  const sentence = told === undefined ? { ko: '', en: '' } : entrySentence(told);
  return {
    episode: {
      start: rows[0]?.record.time ?? '',
      end: rows.at(-1)?.record.time ?? '',
      trace_id: null,
      failed: fault !== undefined,
      sentence: headline(sentence, undefined),
      broke: fault === undefined ? NOTHING : brokeAt(fault),
      similar: fault === undefined ? null : similarTo(fault),
    },
    steps,
  };
}

const NOTHING: Breakpoint = {
  place: 'nowhere',
  reason: 'nothing_failed',
  name: null,
  node: null,
  recovered: false,
  sentence: reasonSentence('nothing_failed', { name: { ko: '', en: '' }, status: 0 }),
  evidence: [],
};

/** An error that belongs to no trace: in the page it is the client's, elsewhere the records do not say. */
function brokeAt(row: Row): Breakpoint {
  const isPage = textOf(row, 'event.name').startsWith('browser.');
  const reason = isPage ? 'client_exception' : 'unknown';
  return {
    place: isPage ? 'client' : 'undetermined',
    reason,
    name: entryService(row),
    node: null,
    recovered: false,
    sentence: reasonSentence(reason, { name: { ko: '', en: '' }, status: 0 }),
    evidence: [{ text: entrySentence(row), record: refOf(row), fields: [`level=${row.record.level}`] }],
  };
}
