/**
 * Where it broke. The first failure that somebody saw is followed down to the hop that no failing hop explains; that hop
 * and what is known of its neighbours decide the place. The table of rules is in docs/internals/analysis.md. When the
 * records do not decide, the answer is "undetermined" and says what is missing.
 */
import type { Breakpoint, Evidence, Place, Sentence } from '@sillok/api';
import { both, serviceName, targetName } from '../sentences/names.js';
import { reasonSentence, type Reason } from '../sentences/reasons.js';
import { EVIDENCE_MAX } from '../limits.js';
import type { Tree } from './build-tree.js';
import type { Hop } from './hop.js';

interface Verdict {
  readonly place: Place;
  readonly reason: Reason;
  readonly hop: Hop | null;
  readonly name: Sentence;
  /** The name as the records have it. */
  readonly called: string | null;
  readonly evidence: readonly Evidence[];
  readonly isRecovered: boolean;
}

export function findBreak(tree: Tree): Breakpoint {
  const { place, reason, hop, name, called, evidence, isRecovered } = judge(tree);
  return {
    place,
    reason,
    name: called,
    node: hop?.id ?? null,
    recovered: isRecovered,
    sentence: reasonSentence(reason, { name, status: hop?.http?.status ?? 0 }),
    evidence,
  };
}

function judge(tree: Tree): Verdict {
  const first = firstFailure(tree);
  if (first === undefined) {
    return {
      isRecovered: false,
      place: 'nowhere',
      reason: 'nothing_failed',
      hop: null,
      name: both(''),
      called: null,
      evidence: [],
    };
  }
  const path = [first];
  for (let at: Hop | undefined = first; at !== undefined; at = deeper(tree, at)) {
    if (at !== first) path.push(at);
  }
  const hop = path.at(-1) ?? first;
  const children = tree.childrenOf.get(hop.id) ?? [];
  const verdict = rule(hop, children);
  const above = path
    .slice(0, -1)
    .toReversed()
    .map((each) => seen(each, saw(each)));
  const isRecovered = hasGoodParent(tree, first);
  return { ...verdict, hop, isRecovered, evidence: [...verdict.evidence, ...above].slice(0, EVIDENCE_MAX) };
}

/** The failure that lies highest, and of several the one that ended last: it is what the caller saw. */
function firstFailure(tree: Tree): Hop | undefined {
  const failing = tree.order.filter(hasBroken);
  const top = failing.reduce((least, hop) => Math.min(least, tree.depthOf.get(hop.id) ?? 0), Infinity);
  return failing
    .filter((hop) => (tree.depthOf.get(hop.id) ?? 0) === top)
    .toSorted((left, right) => right.endMs - left.endMs)[0];
}

/** A caller that did well although this failed: it tried again, or could do without. */
function hasGoodParent(tree: Tree, hop: Hop): boolean {
  const id = tree.parentOf.get(hop.id) ?? '';
  const parent = id === '' ? undefined : tree.order.find((each) => each.id === id);
  return parent !== undefined && !CAUSES.has(parent.type);
}

const CAUSES: ReadonlySet<string> = new Set(['click', 'page', 'missing']);

/** 4xx is a failure for whoever asked, though the service did its work. */
export function hasBroken(hop: Hop): boolean {
  return hop.failed || (hop.http !== null && hop.http.status >= 400);
}

/** The failing child that explains its parent: the last one that failed. */
function deeper(tree: Tree, hop: Hop): Hop | undefined {
  const failing = (tree.childrenOf.get(hop.id) ?? []).filter(hasBroken);
  return failing.toSorted((left, right) => right.endMs - left.endMs)[0];
}

type Ruled = Pick<Verdict, 'place' | 'reason' | 'name' | 'called' | 'evidence'>;

function rule(hop: Hop, children: readonly Hop[]): Ruled {
  switch (hop.type) {
    case 'edge':
      return edgeRule(hop, children);
    case 'query':
      return dependency(hop, 'database_error');
    case 'call':
      return callRule(hop, children);
    case 'request':
    case 'work':
    case 'receive':
      return serviceRule(hop);
    case 'send':
      return dependency(hop, failureKind(hop) ?? 'message_failed');
    case 'click':
    case 'page':
    case 'missing':
      return undetermined(hop);
  }
}

function edgeRule(hop: Hop, children: readonly Hop[]): Ruled {
  const status = hop.http?.status ?? 0;
  const edge = { called: hop.service, name: both(hop.service) };
  if (status === 499)
    return { place: 'client', reason: 'client_left', ...client(), evidence: [seen(hop, saw(hop))] };
  const answered = children.filter(({ type }) => type === 'request' || type === 'edge');
  if (hop.edge !== null && hop.edge.attempts === 0 && answered.length === 0) {
    return { place: 'edge', reason: 'edge_limit', ...edge, evidence: [seen(hop, saw(hop))] };
  }
  const last = hop.edge?.statuses.at(-1) ?? '';
  if (answered.length === 0 && status >= 502) {
    // The edge tried, and no service has a record of it.
    const address = hop.edge?.addresses.at(-1) ?? '';
    const reason = status === 504 || last === '504' ? 'no_answer' : 'refused';
    return {
      place: 'service',
      reason,
      called: address || null,
      name: both(address),
      evidence: [seen(hop, saw(hop))],
    };
  }
  if (answered.length > 0 && status >= 502 && answered.some((each) => each.endMs > hop.endMs)) {
    const slow = answered.toSorted((left, right) => right.endMs - left.endMs)[0] ?? hop;
    const evidence = [seen(slow, saw(slow)), seen(hop, saw(hop))];
    return {
      place: 'service',
      reason: 'too_slow',
      called: slow.service,
      name: serviceName(slow.service),
      evidence,
    };
  }
  return undetermined(hop);
}

function callRule(hop: Hop, children: readonly Hop[]): Ruled {
  const answer = children.find(({ type }) => type === 'request' || type === 'edge');
  const status = hop.http?.status ?? 0;
  if (answer !== undefined) {
    // It was there and did its work: either too late, or what came back was lost on the way.
    if (answer.endMs <= hop.endMs) return undetermined(hop);
    const evidence = [seen(answer, saw(answer)), seen(hop, saw(hop))];
    const called = answer.service;
    return { place: 'service', reason: 'too_slow', called, name: serviceName(called), evidence };
  }
  if (hop.isBrowser) {
    const evidence = [seen(hop, saw(hop))];
    if (status === 0) return { place: 'client', reason: 'client_network', ...client(), evidence };
    return { place: 'undetermined', reason: 'unknown', name: both(''), called: null, evidence };
  }
  return dependency(hop, failureKind(hop) ?? (status >= 400 ? 'error_answer' : 'unknown'));
}

function serviceRule(hop: Hop): Ruled {
  const status = hop.http?.status ?? 0;
  const called = hop.service;
  const name = serviceName(called);
  const evidence = [seen(hop, saw(hop))];
  if (status === 499 || hop.error?.type === 'aborted') {
    return { place: 'client', reason: 'client_left', ...client(), evidence };
  }
  if (!hop.failed || (status >= 400 && status < 500)) {
    return { place: 'client', reason: 'client_request', ...client(), evidence };
  }
  const reason = hop.error !== null && !/^\d{3}$/.test(hop.error.type) ? 'exception' : 'error_answer';
  return { place: 'service', reason, called, name, evidence };
}

function dependency(hop: Hop, reason: Reason): Ruled {
  const name = targetName(hop);
  return {
    place: 'dependency',
    reason,
    name,
    called: name.en.replace(/^the /, ''),
    evidence: [seen(hop, saw(hop))],
  };
}

function client(): Pick<Ruled, 'name' | 'called'> {
  return { name: { ko: '클라이언트', en: 'the client' }, called: null };
}

function undetermined(hop: Hop): Ruled {
  return {
    place: 'undetermined',
    reason: 'unknown',
    name: both(''),
    called: null,
    evidence: [seen(hop, saw(hop))],
  };
}

const REFUSED =
  /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ECONNRESET|EAI_AGAIN|EPIPE|UND_ERR_SOCKET|refused|reset/i;
const TIMED_OUT = /timeout|timed ?out|ETIMEDOUT|deadline|AbortError/i;

function failureKind({ error, name }: Hop): Reason | undefined {
  const text = `${error?.type ?? ''} ${error?.message ?? ''} ${name}`;
  if (TIMED_OUT.test(text)) return 'timeout';
  return REFUSED.test(text) ? 'refused' : undefined;
}

function seen(hop: Hop, fields: readonly string[]): Evidence {
  const where = hop.service === '' ? '?' : hop.service;
  return { text: { ko: `${where}: ${hop.name}`, en: `${where}: ${hop.name}` }, record: hop.ref, fields };
}

/** The fields that say how it ended. */
function saw({ http, error, edge, failed, startMs, endMs }: Hop): string[] {
  const fields: string[] = [];
  if (http !== null && http.status > 0) fields.push(`http.response.status_code=${http.status}`);
  if (error !== null && error.type !== '') fields.push(`error.type=${error.type}`);
  if (error !== null && error.message !== '') fields.push(`exception.message=${error.message}`);
  if (edge !== null) {
    fields.push(`edge.upstream.attempts=${edge.attempts}`);
    if (edge.statuses.length > 0) fields.push(`edge.upstream.statuses=${edge.statuses.join(',')}`);
    if (edge.addresses.length > 0) fields.push(`edge.upstream.addresses=${edge.addresses.join(',')}`);
  }
  if (failed && fields.length === 0) fields.push('level=error');
  fields.push(`duration_ms=${Math.round((endMs - startMs) * 1000) / 1000}`);
  return fields;
}
