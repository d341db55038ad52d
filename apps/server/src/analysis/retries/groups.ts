/** Receipts → groups of the same request, each with its verdict. */
import type { RetryCause, RetryGroup, RetryVerdict, Sentence } from '@sillok/api';
import { nsToTime } from '@sillok/record';
import { EVIDENCE_MAX, REPEAT_AFTER_FAILURE_MS, REPEAT_GAP_MS } from '../limits.js';
import { requestName, serviceName } from '../sentences/names.js';
import { hopSentence } from '../sentences/steps.js';
import type { Hop } from '../trace/hop.js';
import type { Met, Received } from './received.js';
import { explain, type Explained } from './splits.js';

export function groupRepeats(received: readonly Received[]): RetryGroup[] {
  const groups = clusters(received)
    .flatMap(explain)
    .filter(({ received: list, splits }) => list.length > 1 && splits.some(({ isInherited }) => !isInherited))
    .map(groupOf);
  return [...groups, ...edgesAlone(received)].toSorted((left, right) => (left.first < right.first ? 1 : -1));
}

/** The same for the same person, one soon after the other. A message is the same however late. */
function clusters(received: readonly Received[]): Received[][] {
  const byName = new Map<string, Received[]>();
  for (const each of received) {
    const key = JSON.stringify([each.person, each.same]);
    const list = byName.get(key);
    if (list === undefined) byName.set(key, [each]);
    else list.push(each);
  }
  return [...byName.values()].flatMap((list) => {
    const found: Received[][] = [];
    for (const each of list.toSorted((left, right) => left.startMs - right.startMs)) {
      const current = found.at(-1);
      if (current !== undefined && follows(current, each)) current.push(each);
      else found.push([each]);
    }
    return found;
  });
}

function follows(group: readonly Received[], next: Received): boolean {
  const isMessage = next.path.at(-1)?.hop.type === 'receive';
  if (isMessage) return true;
  const last = group.reduce((latest, each) => (each.endMs > latest.endMs ? each : latest));
  const gap = next.startMs - last.endMs;
  return gap <= (last.failed ? REPEAT_AFTER_FAILURE_MS : REPEAT_GAP_MS);
}

/** An edge that tried several times, of which services took one at most: the others were refused before them. */
function edgesAlone(received: readonly Received[]): RetryGroup[] {
  const edges = new Map<string, { met: Met; below: Received[] }>();
  for (const each of received) {
    for (const met of each.path) {
      if ((met.hop.edge?.attempts ?? 0) < 2) continue;
      const known = edges.get(met.key);
      if (known === undefined) edges.set(met.key, { met, below: [each] });
      else known.below.push(each);
    }
  }
  return [...edges.values()]
    .filter(({ below }) => below.filter(isFirstBelowEdge).length < 2)
    .map(({ met, below }) => {
      const extra = (met.hop.edge?.attempts ?? 1) - 1;
      const evidence = [{ text: hopSentence(met.hop), record: met.hop.ref, fields: edgeFields(met.hop) }];
      return groupOf({
        received: below.slice(0, 1),
        splits: [{ verdict: 'edge_retry', extra, evidence, isInherited: false }],
      });
    });
}

function isFirstBelowEdge({ path }: Received): boolean {
  return path.at(-2)?.hop.edge !== null && path.at(-2)?.hop.edge !== undefined;
}

function edgeFields({ edge }: Hop): string[] {
  return [
    `edge.upstream.attempts=${edge?.attempts ?? 0}`,
    `edge.upstream.statuses=${edge?.statuses.join(',') ?? ''}`,
  ];
}

function groupOf({ received, splits }: Explained): RetryGroup {
  const [first] = received;
  const causes = joinCauses(splits.map(({ verdict, extra, evidence }) => ({ verdict, extra, evidence })));
  const verdict = verdictOf(causes);
  const times = received.map(({ startMs }) => startMs);
  return {
    what: first?.what ?? '',
    service: first?.service ?? '',
    first: moment(Math.min(...times)),
    last: moment(Math.max(...times)),
    received: received.length,
    layers: layersOf(received),
    verdict,
    causes,
    sentence: sentenceOf(received, causes, verdict),
    trace_ids: [...new Set(received.map(({ traceId }) => traceId))],
  };
}

function joinCauses(causes: readonly RetryCause[]): RetryCause[] {
  const joined = new Map<RetryVerdict, RetryCause>();
  for (const cause of causes) {
    const before = joined.get(cause.verdict);
    joined.set(cause.verdict, {
      verdict: cause.verdict,
      extra: cause.extra + (before?.extra ?? 0),
      evidence: [...(before?.evidence ?? []), ...cause.evidence].slice(0, EVIDENCE_MAX),
    });
  }
  return [...joined.values()].toSorted((left, right) => right.extra - left.extra);
}

/** A part that cannot be explained makes the whole undetermined: never a guess. */
function verdictOf(causes: readonly RetryCause[]): RetryVerdict {
  const isOpen = causes.some(({ verdict }) => verdict === 'undetermined');
  return isOpen ? 'undetermined' : (causes[0]?.verdict ?? 'undetermined');
}

function layersOf(received: readonly Received[]): RetryGroup['layers'] {
  const count = (pick: (hop: Hop) => boolean): number | null => {
    const met = new Set(
      received.flatMap(({ path }) => path.filter(({ hop }) => pick(hop)).map(({ key }) => key)),
    );
    return met.size === 0 ? null : met.size;
  };
  const edges = new Map(
    received.flatMap(({ path }) =>
      path.flatMap(({ key, hop }) => (hop.edge === null ? [] : [[key, hop.edge.attempts] as const])),
    ),
  );
  return {
    actions: count(({ type }) => type === 'click'),
    client: count(({ type, isBrowser }) => type === 'call' && isBrowser),
    edge: edges.size === 0 ? null : [...edges.values()].reduce((sum, attempts) => sum + attempts, 0),
    services: count(({ type, isBrowser }) => (type === 'call' || type === 'send') && !isBrowser),
  };
}

const REASONS: Readonly<Record<RetryVerdict, Sentence>> = {
  user: { ko: '사용자가 여러 번 누름', en: 'the person did it several times' },
  client_bug: {
    ko: '화면이 한 번의 동작에 여러 번 보냄 (화면의 결함)',
    en: 'the page sent it several times for one action (a bug)',
  },
  client_retry: { ko: '클라이언트가 실패 뒤 다시 보냄', en: 'the client sent it again after a failure' },
  edge_retry: { ko: '앞단(로드밸런서)이 다시 보냄', en: 'the edge sent it again' },
  service_retry: {
    ko: '호출한 서버가 실패 뒤 다시 보냄',
    en: 'the calling service sent it again after a failure',
  },
  redelivery: { ko: '대기열이 다시 전달함', en: 'the queue delivered it again' },
  undetermined: { ko: '누가 다시 보냈는지 기록으로는 알 수 없음', en: 'the records do not say who' },
};

function sentenceOf(
  received: readonly Received[],
  causes: readonly RetryCause[],
  verdict: RetryVerdict,
): Sentence {
  const hop = received[0]?.path.at(-1)?.hop;
  const name = serviceName(hop?.service ?? '');
  const what =
    hop?.type === 'receive'
      ? { ko: `메시지(${received[0]?.what ?? ''})`, en: `a message of ${received[0]?.what ?? ''}` }
      : requestName(hop?.http?.method ?? '', hop?.http?.route || hop?.http?.path || '');
  const count = Math.max(received.length, 1);
  const why =
    verdict === 'undetermined' ? [REASONS.undetermined] : causes.map((cause) => REASONS[cause.verdict]);
  const ko = why.map((each) => each.ko).join(', ');
  const en = why.map((each) => each.en).join('; ');
  return {
    ko: `${name.ko}: ${what.ko} ${count}번 — ${ko}`,
    en: `${name.en} took ${what.en} ${count === 1 ? 'once' : `${count} times`}: ${en}`,
  };
}

function moment(ms: number): string {
  return nsToTime(BigInt(Math.round(ms * 1e6)));
}
