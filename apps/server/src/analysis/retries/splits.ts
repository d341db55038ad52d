/**
 * Why one became several. The ways of the same request's receipts are followed from the top; where they part, the hop above
 * sent more than one, and the records of that hop and of what it sent say why. Nothing else is taken for a reason: where
 * the records do not decide, the split is undetermined. The table of rules stands in docs/internals/analysis.md.
 */
import type { Evidence, RetryVerdict } from '@sillok/api';
import { hopSentence } from '../sentences/steps.js';
import { CAUSED_AT_ONCE_MS, SAME_CLOCK_MS } from '../limits.js';
import { numberOf, textOf } from '../row-fields.js';
import { hasBroken } from '../trace/breakpoint.js';
import type { Met, Received } from './received.js';

export interface Split {
  readonly verdict: RetryVerdict;
  readonly extra: number;
  readonly evidence: readonly Evidence[];
  /** Between here and the receipt another service took it: that one's group tells of this split. */
  readonly isInherited: boolean;
}

/** Receipts that belong together, and what made them several. */
export interface Explained {
  readonly received: readonly Received[];
  readonly splits: readonly Split[];
}

interface Branch {
  readonly head: Met;
  readonly received: readonly Received[];
}

/** Several when calls turn out to be no repetitions of each other. */
export function explain(received: readonly Received[]): Explained[] {
  const whole: Explained[] = [];
  const open: {
    readonly received: readonly Received[];
    readonly level: number;
    readonly splits: readonly Split[];
  }[] = [{ received, level: 0, splits: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { level } = next;
    const branches = branchesAt(next.received, level);
    const [only] = branches;
    if (branches.length === 1 && only !== undefined) {
      if (next.received.length === 1) whole.push({ received: next.received, splits: next.splits });
      else open.push({ ...next, level: level + 1 });
      continue;
    }
    const above = next.received[0]?.path[level - 1];
    const split = ruleFor(above, branches, level);
    if (split === undefined) {
      // Calls that have nothing to do with each other: each is looked at by itself.
      for (const branch of branches)
        open.push({ received: branch.received, level: level + 1, splits: next.splits });
      continue;
    }
    whole.push(joinBranches(next, branches, split));
  }
  return whole;
}

/** The split itself, and what happens further down within each of its branches. */
function joinBranches(
  at: { readonly received: readonly Received[]; readonly level: number; readonly splits: readonly Split[] },
  branches: readonly Branch[],
  split: Split,
): Explained {
  const splits = [...at.splits, split];
  let open = branches.map((branch) => ({ received: branch.received, level: at.level + 1 }));
  while (open.length > 0) {
    const deeper: typeof open = [];
    for (const { received, level } of open) {
      if (received.length < 2) continue;
      const below = branchesAt(received, level);
      const found = below.length < 2 ? undefined : ruleFor(received[0]?.path[level - 1], below, level);
      if (found !== undefined) splits.push(found);
      deeper.push(...below.map((branch) => ({ received: branch.received, level: level + 1 })));
    }
    open = deeper;
  }
  return { received: at.received, splits };
}

function branchesAt(received: readonly Received[], level: number): Branch[] {
  const branches = new Map<string, { head: Met; received: Received[] }>();
  for (const each of received) {
    const head = each.path[level] ?? each.path.at(-1);
    if (head === undefined) continue;
    const branch = branches.get(head.key);
    if (branch === undefined) branches.set(head.key, { head, received: [each] });
    else branch.received.push(each);
  }
  return [...branches.values()].toSorted((left, right) => left.head.startMs - right.head.startMs);
}

/** Undefined: they are no repetitions. */
function ruleFor(above: Met | undefined, branches: readonly Branch[], level: number): Split | undefined {
  const heads = branches.map(({ head }) => head);
  const extra = heads.length - 1;
  const isInherited = branches.every((branch) =>
    branch.received.every((each) => isBelowAnother(each, level)),
  );
  const found = above === undefined ? atTheTop(heads) : below(above, heads);
  if (found === undefined) return undefined;
  const known = found.verdict === 'undetermined' ? (sameMessage(branches) ?? found) : found;
  return { ...known, extra, isInherited };
}

/** Whatever lies between: a message that was taken twice under one id, or by the broker's own count, came again. */
function sameMessage(branches: readonly Branch[]): Ruled | undefined {
  const taken = branches.flatMap(({ received }) => received.flatMap(({ path }) => path.at(-1) ?? []));
  if (taken.some(({ hop }) => hop.type !== 'receive')) return undefined;
  const ids = new Set(taken.map(({ hop }) => hop.messaging?.message_id ?? ''));
  if ((ids.size > 1 || ids.has('')) && !taken.some(isRedelivery)) return undefined;
  return { verdict: 'redelivery', evidence: taken.map((each) => saw(each, messageFields(each))) };
}

/** Another service's request lies between the split and the receipt. */
function isBelowAnother({ path }: Received, level: number): boolean {
  return path.slice(level, -1).some(({ hop }) => hop.type === 'request' || hop.type === 'receive');
}

type Ruled = Pick<Split, 'verdict' | 'evidence'>;

function below(above: Met, heads: readonly Met[]): Ruled | undefined {
  const { hop } = above;
  switch (hop.type) {
    case 'edge':
      return (hop.edge?.attempts ?? 0) >= heads.length
        ? { verdict: 'edge_retry', evidence: [saw(above, edgeFields(above))] }
        : unknown([above, ...heads]);
    case 'click':
    case 'page':
      return fromOneCause(above, heads);
    case 'request':
    case 'receive':
    case 'work':
      return fromService(heads);
    case 'send':
      return unknown([above, ...heads]);
    case 'call':
    case 'query':
    case 'missing':
      return sameHeaders(above, heads);
  }
}

/** Different roots: only clicks of a person tell who it was. */
function atTheTop(heads: readonly Met[]): Ruled {
  const clicks = heads.filter(({ hop }) => hop.type === 'click');
  if (clicks.length < heads.length) return unknown(heads);
  const made = clicks.filter(
    ({ hop }) => hop.row !== null && textOf(hop.row, 'browser.click.synthetic') === 'true',
  );
  if (made.length > 0) {
    const verdict = made.length === clicks.length ? 'client_bug' : 'undetermined';
    return { verdict, evidence: clicks.map((click) => saw(click, ['browser.click.synthetic=true'])) };
  }
  return { verdict: 'user', evidence: clicks.map((click) => saw(click, [`span_id=${click.hop.spanId}`])) };
}

function fromOneCause(cause: Met, heads: readonly Met[]): Ruled {
  const evidence = [
    saw(cause, [`span_id=${cause.hop.spanId}`]),
    ...heads.map((head) => saw(head, sentFields(head))),
  ];
  if (heads.some(({ hop }) => hop.type !== 'call')) return unknown([cause, ...heads]);
  if (areAllResent(heads)) return { verdict: 'client_retry', evidence };
  // What follows a click much later, or a page, may be a timer that asks again and again on purpose.
  const isAtOnce = cause.hop.type === 'click' && heads.every(isAtOnceAfterCause);
  return isAtOnce ? { verdict: 'client_bug', evidence } : unknown([cause, ...heads]);
}

function isAtOnceAfterCause({ hop }: Met): boolean {
  const delay = hop.row === null ? undefined : numberOf(hop.row, 'browser.cause.delay_ms');
  return delay !== undefined && delay <= CAUSED_AT_ONCE_MS;
}

/** A service that called again after a failure. Calls without one are calls, not repetitions. */
function fromService(heads: readonly Met[]): Ruled | undefined {
  const sends = heads.filter(({ hop }) => hop.type === 'send');
  if (areAllResent(heads)) {
    return { verdict: 'service_retry', evidence: heads.map((head) => saw(head, sentFields(head))) };
  }
  if (sends.length === heads.length && sends.length > 0) return undefined;
  // Without a record of the call nobody knows who sent it twice: the service, or an edge in between.
  if (heads.some(({ hop }) => hop.type === 'request' || hop.type === 'edge')) return unknown(heads);
  return undefined;
}

/**
 * Several receipts below one call. Its sender sent it once, as far as its own record says; who has no record may have sent
 * the same headers again, and did so where the edge's lines follow each other after failures.
 */
function sameHeaders(above: Met, heads: readonly Met[]): Ruled {
  const isUnrecorded = above.hop.type === 'missing';
  const areEdges = heads.every(({ hop }) => hop.type === 'edge');
  if (isUnrecorded && areEdges && areAllResent(heads)) {
    return { verdict: 'client_retry', evidence: heads.map((head) => saw(head, sentFields(head))) };
  }
  return unknown([above, ...heads]);
}

/** Each but the first says that it is one more try, or began after the one before it had failed. */
function areAllResent(heads: readonly Met[]): boolean {
  return heads.every((head, index) => {
    const before = heads[index - 1];
    if (before === undefined) return true;
    if ((head.hop.http?.resend_count ?? 0) > 0) return true;
    return isFailure(before) && before.endMs <= head.startMs + SAME_CLOCK_MS;
  });
}

/** What makes a sender try again: no answer, or one that says "not now". A refusal for good (404, 422) does not. */
function isFailure({ hop }: Met): boolean {
  const status = hop.http?.status ?? 0;
  if (status >= 400 && status < 500)
    return status === 408 || status === 425 || status === 429 || status === 499;
  return hasBroken(hop);
}

function isRedelivery({ hop }: Met): boolean {
  return (hop.messaging?.delivery_attempt ?? 0) > 1;
}

function unknown(met: readonly Met[]): Ruled {
  return { verdict: 'undetermined', evidence: met.map((each) => saw(each, sentFields(each))) };
}

function saw({ hop }: Met, fields: readonly string[]): Evidence {
  return { text: hopSentence(hop), record: hop.ref, fields };
}

function sentFields({ hop }: Met): string[] {
  const fields: string[] = [];
  if (hop.http !== null && hop.http.resend_count > 0)
    fields.push(`http.request.resend_count=${hop.http.resend_count}`);
  if (hop.http !== null && hop.http.status > 0) fields.push(`http.response.status_code=${hop.http.status}`);
  if (hop.error !== null && hop.error.type !== '') fields.push(`error.type=${hop.error.type}`);
  if (hop.causeId !== '') fields.push(`browser.cause.span_id=${hop.causeId}`);
  if (hop.parentId !== '') fields.push(`parent_span_id=${hop.parentId}`);
  return fields;
}

function edgeFields({ hop }: Met): string[] {
  const { attempts = 0, statuses = [], addresses = [] } = hop.edge ?? {};
  return [
    `edge.upstream.attempts=${attempts}`,
    `edge.upstream.statuses=${statuses.join(',')}`,
    `edge.upstream.addresses=${addresses.join(',')}`,
  ];
}

function messageFields({ hop }: Met): string[] {
  const { message_id: id = '', delivery_attempt: attempt = 0 } = hop.messaging ?? {};
  return [`messaging.message.id=${id}`, ...(attempt > 0 ? [`messaging.delivery_attempt=${attempt}`] : [])];
}
