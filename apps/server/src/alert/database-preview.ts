/** What a rule over a business database says before it is saved: of now or, where its statement binds a time, of windows past. */
import type { AlertRule, DatabaseAnswer, PreviewShape } from '@sillok/api';

import type { DatabaseRoom } from '../database/room.js';
import { badRequest } from '../errors.js';
import type { Principal } from '../seams.js';
import { answerOf, fires, numbersOf, type NumberFound } from './database-rule.js';
import { DATABASE_PREVIEW_POINTS_MAX, GROUPS_MAX } from './limits.js';
import { previewOf, type PreviewOf } from './preview.js';

/** Binds a time: then the past can be asked, too. */
const ASKS_TIME = /\{(?:from|to)(?::[^}]*)?\}/;

/** What it says of now or, where the statement binds a time, of the newest windows. Asked as the reader, who must be allowed to. */
export async function previewDatabase(
  room: DatabaseRoom,
  principal: Principal,
  of: PreviewOf,
): Promise<PreviewShape> {
  const { rule } = of;
  const widthMs = rule.window_s * 1000;
  const [fromMs, toMs] = [Date.parse(of.from), Date.parse(of.to)];
  const fitting = Math.ceil((toMs - fromMs) / widthMs);
  const isTimed = ASKS_TIME.test(rule.q);
  const points = isTimed ? Math.min(Math.max(1, fitting), DATABASE_PREVIEW_POINTS_MAX) : 1;
  const found: { time: string; numbers: NumberFound[] }[] = [];
  const cost = { rows_read: 0, bytes_read: 0, elapsed_ms: 0 };
  for (let index = points - 1; index >= 0; index -= 1) {
    const window = { fromMs: toMs - (index + 1) * widthMs, toMs: toMs - index * widthMs };
    const answer = await answerOf(room, { principal, rule, window });
    cost.rows_read += answer.rows.length;
    cost.elapsed_ms += answer.cost.elapsed_ms;
    const time = new Date(window.fromMs).toISOString();
    found.push({ time, numbers: numbersForPreview(rule, answer) });
  }
  const groups = [...new Set(found.flatMap(({ numbers }) => numbers.map(({ group }) => group)))];
  const series = (groups.length === 0 ? [''] : groups.slice(0, GROUPS_MAX)).map((group) => ({
    group,
    values: found.map(({ numbers }) => {
      const value = numbers.find((each) => each.group === group)?.value;
      return { value: value ?? 0, fires: value !== undefined && fires(rule, value) };
    }),
  }));
  const times = found.map(({ time }) => time);
  const covers = isTimed ? (points < fitting ? 'newest' : 'all') : 'now';
  return { covers, ...previewOf(times, series), cost };
}

/** Here the reader looks: what could never be evaluated is told as a mistake in what was asked. */
function numbersForPreview(rule: AlertRule, answer: DatabaseAnswer): NumberFound[] {
  try {
    return numbersOf(rule, answer);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(
      'request_invalid',
      `The rule cannot be evaluated: ${reason}.`,
      'A statement gives one row with one number; with "by" a row per value.',
    );
  }
}
