/**
 * Tells alerts to targets. Not a queue of messages but, per alert and target, what was told last: what is due is told as it
 * stands now, so that a storm is one message that is updated, and a target that was away for an hour gets the newest state.
 *
 * At least once: what is about to be told for the first time is on disk before, and that it was told is on disk after. A kill
 * between the two tells it once more, under the same id.
 */
import type { AlertTarget } from '@sillok/api';

import type { Log } from '../log.js';
import type { Shelved } from '../settings/objects.js';
import { note, type Alert, type AlertBook, type Delivery } from './book.js';
import { DeliveryError } from './errors.js';
import {
  DELIVERIES_AT_ONCE,
  FOLLOW_UP_FACTOR,
  FOLLOW_UP_INTERVAL_MS,
  GIVE_UP_MS,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
  SETTLE_MS,
  UPDATE_INTERVAL_MS,
} from './limits.js';
import { canFollow, isCovered } from './incidents.js';
import { messageOf } from './message.js';
import type { RuleBook } from './rules.js';
import { canEdit, type Targets } from './targets.js';

export interface DeliveriesOptions {
  readonly book: AlertBook;
  readonly rules: RuleBook;
  readonly targets: Targets;
  readonly log: Log;
  readonly baseUrl: () => string;
  readonly nameOf: (actor: string) => string;
  readonly save: () => Promise<void>;
  readonly nowMs: () => number;
}

interface Due {
  readonly alert: Alert;
  readonly target: Shelved<AlertTarget>;
}

const RANKS = { warning: 0, critical: 1 } as const;

export class Deliveries {
  readonly #options: DeliveriesOptions;
  #isRunning = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Tells what is due. One run at a time; a second call while it runs does nothing. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      const due = this.#due();
      if (due.length === 0) return;
      await this.#options.save();
      for (let at = 0; at < due.length; at += DELIVERIES_AT_ONCE)
        await Promise.all(due.slice(at, at + DELIVERIES_AT_ONCE).map((each) => this.#tell(each)));
      await this.#options.save();
    } finally {
      this.#isRunning = false;
    }
  }

  /**
   * Somebody is to hear of it who was not even tried: after a start, and while a slow target holds up the others. It may not end
   * before, else its end would be told to nobody, too.
   */
  isUntold(alert: Alert): boolean {
    const { targets } = this.#options;
    return targets.shelf
      .list(alert.project)
      .some((target) => alert.deliveries[target.id] === undefined && this.#isDue(alert, target));
  }

  #due(): Due[] {
    const { book, targets } = this.#options;
    return book.list().flatMap((alert) =>
      targets.shelf
        .list(alert.project)
        .filter((target) => this.#isDue(alert, target))
        .map((target) => ({ alert, target })),
    );
  }

  #isDue(alert: Alert, { id, value: target }: Shelved<AlertTarget>): boolean {
    const { rules, nowMs } = this.#options;
    const now = nowMs();
    const delivery = alert.deliveries[id];
    if (alert.isQuiet || !target.enabled || RANKS[alert.severity] < RANKS[target.severity_min]) return false;
    const chosen = rules.targetsOf(alert.project, alert.rule);
    if (chosen.length > 0 && !chosen.includes(id)) return false;
    if ((alert.mutedUntilMs ?? 0) > now || rules.isMuted(alert.project, alert.rule, now)) return false;
    if (isCovered(alert, this.#options.book, delivery !== undefined)) return false;
    if (delivery === undefined)
      return alert.state !== 'resolved' && !(canFollow(alert) && now - alert.openedMs < SETTLE_MS);
    if (delivery.givenUp === true || delivery.nextMs > now) return false;
    return isNews(alert, delivery, { canEdit: canEdit(target), now });
  }

  async #tell({ alert, target }: Due): Promise<void> {
    const { book, rules, targets, log, baseUrl, nameOf, nowMs } = this.#options;
    const delivery = (alert.deliveries[target.id] ??= { sentCount: 0, sentMs: 0, attempts: 0, nextMs: 0 });
    const { state, count } = alert;
    const message = messageOf(alert, {
      language: target.value.language,
      baseUrl: baseUrl(),
      ruleName: rules.nameOf(alert.project, alert.rule, target.value.language),
      nameOf,
      parts: book.list().filter(({ partOf }) => partOf === alert.id).length,
    });
    const id = delivery.sentState === undefined ? alert.id : `${alert.id}.${state}.${count}`;
    try {
      const ref = await targets.tell(target.value, { message, id, ref: delivery.ref });
      if (delivery.sentState !== state)
        note(alert, { what: `told_${state}`, nowMs: nowMs(), by: target.value.name });
      alert.noticedMs ??= nowMs();
      const told = { sentState: state, sentCount: count, sentMs: nowMs(), attempts: 0, nextMs: 0 };
      alert.deliveries[target.id] = ref === undefined ? told : { ...told, ref };
    } catch (error) {
      failed(delivery, error, nowMs());
      log.warn('an alert could not be told; it is tried again', {
        target: target.value.name,
        error,
        attempts: delivery.attempts,
      });
    }
  }
}

/** A change of state is news everywhere; a growing count where messages can be edited, elsewhere only a leap of it. */
function isNews(alert: Alert, delivery: Delivery, at: { canEdit: boolean; now: number }): boolean {
  const { sentState, sentCount, sentMs } = delivery;
  if (sentState === undefined) return true;
  const isSeen = alert.state === 'acknowledged' && sentState === 'open';
  if (sentState !== alert.state && !(isSeen && !at.canEdit)) return true;
  if (alert.count <= sentCount || alert.state === 'resolved') return false;
  if (at.canEdit) return at.now - sentMs >= UPDATE_INTERVAL_MS;
  return alert.count >= sentCount * FOLLOW_UP_FACTOR && at.now - sentMs >= FOLLOW_UP_INTERVAL_MS;
}

function failed(delivery: Delivery, error: unknown, nowMs: number): void {
  delivery.attempts += 1;
  delivery.firstFailureMs ??= nowMs;
  const waitMs = Math.min(RETRY_MS_MIN * 2 ** (delivery.attempts - 1), RETRY_MS_MAX);
  const asked = error instanceof DeliveryError ? (error.retryAfterMs ?? 0) : 0;
  delivery.nextMs = nowMs + Math.max(waitMs, Math.min(asked, RETRY_MS_MAX));
  delivery.error = error instanceof Error ? error.message.slice(0, 300) : String(error);
  if (nowMs - delivery.firstFailureMs > GIVE_UP_MS) delivery.givenUp = true;
}
