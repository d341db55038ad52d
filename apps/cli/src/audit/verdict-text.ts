/** The verdict on an audit log, for people: what holds, what does not, and where. */
import {
  hasAuditLog,
  keyChangesIn,
  readHeld,
  verifyAuditLog,
  type AuditFinding,
  type AuditVerdict,
} from '@sillok/server';
import { usageError } from '../errors.js';
import { plural } from '../terminal/amounts.js';
import type { Colours } from '../terminal/colours.js';
import { safeLine } from '../terminal/safe-text.js';

export interface ShownVerdict extends AuditVerdict {
  readonly ok: boolean;
  /** Checkpoints that cannot be trusted, and why. */
  readonly refused: readonly { readonly note: string; readonly reason: string }[];
}

export interface VerdictSource {
  readonly data: string;
  readonly notes: readonly string[];
  readonly verifiers: readonly string[];
}

export async function showVerdict({ data, notes, verifiers }: VerdictSource): Promise<ShownVerdict> {
  if (!hasAuditLog(data)) {
    throw usageError(
      `${safeLine(data)} holds no audit log`,
      'Name the folder of SILLOK_DATA_DIR, or a copy of it.',
    );
  }
  const { checkpoints, refused } = readHeld(notes, verifiers, keyChangesIn(data));
  const verdict = await verifyAuditLog(data, checkpoints);
  const findings = verdict.projects.flatMap((project) => project.findings);
  const ok = findings.length + refused.length + verdict.damage.length === 0 && checkpoints.length > 0;
  return { ...verdict, refused, ok };
}

/** What happened to one entry, and to several. */
const WORDS: Readonly<Record<AuditFinding['kind'], readonly [string, string]>> = {
  edited: ['was changed', 'were changed'],
  removed: ['was removed', 'were removed'],
  truncated: ['was cut off at the end', 'were cut off at the end'],
  added: ['was put in among the old ones', 'were put in among the old ones'],
  moved: ['stands at another place', 'stand at another place'],
  altered: ['is not what it was', 'are not what they were, somewhere in this stretch'],
};

export function verdictText(verdict: ShownVerdict, colours: Colours): string {
  const lines: string[] = [];
  for (const { project, size, covered, checkpoints, findings, expired, expired_by } of verdict.projects) {
    const mark =
      findings.length > 0 ? colours.bad('✗') : checkpoints > 0 ? colours.good('✓') : colours.warning('?');
    const proven =
      checkpoints === 0
        ? 'no checkpoint given, so nothing is proven'
        : `${plural(covered, 'entry', 'entries')} proven`;
    lines.push(`${mark} ${safeLine(project)}  ${plural(size, 'entry', 'entries')} there, ${proven}`);
    if (expired > 0) {
      const by = expired_by === null ? '' : `, all taken in by ${expired_by}`;
      const what = `${plural(expired, 'entry', 'entries')} before these: only the hashes are here${by}`;
      lines.push(`    ${colours.warning(what)}. Hold that against your retention.`);
    }
    for (const finding of findings) lines.push(...findingLines(finding, colours));
  }
  for (const { note, reason } of verdict.refused) {
    lines.push(
      `${colours.bad('✗')} the checkpoint of ${safeLine(note)} cannot be trusted: ${safeLine(reason)}`,
    );
  }
  for (const { segment, from, to, reason } of verdict.damage) {
    lines.push(`${colours.bad('✗')} segment ${segment}, bytes ${from} to ${to}: ${reason}`);
  }
  if (lines.length === 0) lines.push(`${colours.warning('?')} no entries and no checkpoints`);
  return lines.join('\n');
}

function findingLines({ kind, from, to, records }: AuditFinding, colours: Colours): string[] {
  const isOne = to - from === 1;
  const place = isOne ? `entry ${from}` : `entries ${from} to ${to - 1}`;
  const shown = records.map(({ producer, line }) =>
    colours.dim(`      now: ${safeLine(producer)} ${safeLine(line).slice(0, 160)}`),
  );
  return [`    ${colours.bad(`${place} ${WORDS[kind][isOne ? 0 : 1]}`)}`, ...shown];
}
