/** A drift report, and lost jobs, for people. */
import { ONLY_THERE_SHOWN, SHOWN_DRIFTS_MAX } from '../limits.js';
import type { Replay, SinkRefusal } from './define.js';
import type { Drift, DriftKind, DriftReport, OnlyThere } from './drift.js';
import type { LostJob } from './jobs.js';

const WORDS: Readonly<Record<DriftKind, string>> = {
  missing: 'missing',
  stale: 'stale',
  not_deleted: 'not deleted',
};

export function reportText({ entity, sink }: Replay, report: DriftReport): string {
  const { drifts, compared, incomplete, gaps } = report;
  const lines = drifts.slice(0, SHOWN_DRIFTS_MAX).map((drift) => lineOf(entity, drift));
  if (drifts.length > SHOWN_DRIFTS_MAX)
    lines.push(`… and ${drifts.length - SHOWN_DRIFTS_MAX} more (--json has all)`);
  lines.push(
    `${lines.length === 0 ? '' : '\n'}${compared} of ${entity} compared with ${sink.name}: ${countsText(drifts, undefined)}`,
  );
  if (incomplete.length > 0) {
    const names = incomplete.slice(0, 5).map(({ id, fields }) => `${id} (${fields.join(', ')})`);
    lines.push(`${incomplete.length} left alone, since their records lack a field: ${names.join(' · ')}`);
  }
  const { onlyThere } = report;
  if (onlyThere !== undefined && onlyThere.count > 0) {
    const names = onlyThere.ids.slice(0, ONLY_THERE_SHOWN).map(clean).join(', ');
    const more = onlyThere.count > ONLY_THERE_SHOWN ? ' …' : '';
    lines.push(
      `${onlyThere.count} only in ${sink.name}, of which the audit trail has no record: ${names}${more}`,
      'They are left alone: look who wrote them, or whether they are older than the trail.',
    );
  }
  if (gaps > 0) lines.push(`Records are missing in ${gaps} places: what they say is not known here.`);
  return lines.join('\n');
}

export function countsText(drifts: readonly Drift[], onlyThere: OnlyThere | undefined): string {
  const extra = onlyThere === undefined || onlyThere.count === 0 ? [] : [`${onlyThere.count} only there`];
  if (drifts.length === 0) return ['they agree', ...extra].join(', ');
  const kinds: readonly DriftKind[] = ['missing', 'stale', 'not_deleted'];
  const counted = kinds.flatMap((kind) => {
    const count = drifts.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [`${count} ${WORDS[kind]}`];
  });
  return [...counted, ...extra].join(', ');
}

/** Documents that the sink did not take, each with its reason. Nothing for none. */
export function refusedText(refused: readonly SinkRefusal[]): string {
  if (refused.length === 0) return '';
  const lines = refused
    .slice(0, SHOWN_DRIFTS_MAX)
    .map(({ id, reason }) => `not taken    ${clean(id)}: ${clean(reason)}`);
  if (refused.length > SHOWN_DRIFTS_MAX) lines.push(`… and ${refused.length - SHOWN_DRIFTS_MAX} more`);
  return `${lines.join('\n')}\n`;
}

export function jobsText(jobs: readonly LostJob[]): string {
  const lines = jobs
    .slice(0, SHOWN_DRIFTS_MAX)
    .map(({ id, destination, time, service, trace_id }) =>
      [time.slice(0, 19).replace('T', ' '), destination, clean(id), service, trace_id ?? ''].join('  '),
    );
  if (jobs.length > SHOWN_DRIFTS_MAX) lines.push(`… and ${jobs.length - SHOWN_DRIFTS_MAX} more`);
  lines.push(jobs.length === 0 ? 'Every job was consumed.' : `${jobs.length} enqueued and never consumed`);
  return lines.join('\n');
}

function lineOf(entity: string, { kind, id, diff, time, action }: Drift): string {
  const since = time.slice(0, 19).replace('T', ' ');
  const head = `${WORDS[kind].padEnd(11)}  ${entity}/${clean(id)}  since ${since} ${clean(action)}`;
  if (kind !== 'stale') return head;
  const fields = diff.map(
    ({ path, before, after }) => `    ${clean(path)}: ${valueText(before)} → ${valueText(after)}`,
  );
  return [head, ...fields].join('\n');
}

function valueText(value: unknown): string {
  return value === undefined ? '–' : clean(JSON.stringify(value));
}

/** Texts of records come from anywhere: none of them moves the cursor. */
function clean(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·');
}
