/** Works through the items of a script: so many at once, so many a second, until the end, too many failures or a stop. */
import type { AnyScript, ScriptContext } from './define.js';
import { itemContext, Skipped, type ItemParts } from './items.js';
import type { Progress } from './progress.js';
import type { RunState } from './run-state.js';

export interface ItemsRun {
  readonly script: AnyScript;
  readonly context: ScriptContext<unknown>;
  readonly state: RunState;
  readonly progress: Progress;
  readonly parts: Omit<ItemParts, 'context' | 'key' | 'emit'>;
  readonly concurrency: number;
  readonly perSecond: number | undefined;
  readonly stopAfter: number;
  /** Resolves when the run may go on: it may have been paused. */
  readonly turn: () => Promise<void>;
  /** Whether an item's turn has come: resumes pass over those that have ended. */
  readonly isWanted: (key: string) => boolean;
  /** So many have failed that those which are left are not begun. */
  readonly onCut: () => void;
}

export type ItemsEnd = 'done' | 'stopped' | 'failed';

export async function runItems(run: ItemsRun): Promise<ItemsEnd> {
  const { script, context, progress, concurrency, stopAfter } = run;
  const items = await script.items(context);
  const pace = paceOf(run.perSecond);
  const running = new Set<Promise<void>>();
  const isOver = (): boolean => context.signal.aborted || progress.counts.failed >= stopAfter;
  const tellCut = (): void => void (context.signal.aborted || run.onCut());
  for await (const item of items) {
    if (isOver()) {
      tellCut();
      break;
    }
    const key = script.key(item);
    if (!run.isWanted(key)) {
      progress.add('known');
      continue;
    }
    await pace();
    if (running.size >= concurrency) await Promise.race(running);
    await run.turn();
    if (isOver()) {
      tellCut();
      break;
    }
    const work: Promise<void> = runItem(run, key, item).finally(() => running.delete(work));
    running.add(work);
  }
  // What has begun is brought to its end.
  await Promise.all(running);
  if (context.signal.aborted) return 'stopped';
  return progress.counts.failed > 0 ? 'failed' : 'done';
}

/** Never rejects: an item that fails is noted with its key, and the others go on. */
async function runItem(run: ItemsRun, key: string, item: unknown): Promise<void> {
  const { script, context, state, progress, parts } = run;
  try {
    await script.each(item, itemContext({ ...parts, context, key, emit: (row) => state.emit(row) }));
    state.end({ key, state: 'done' });
    progress.add('done');
  } catch (error) {
    if (error instanceof Skipped) {
      state.end({ key, state: 'skipped', reason: error.message });
      progress.add('skipped');
      return;
    }
    const reason = reasonOf(error);
    state.end({ key, state: 'failed', reason });
    parts.plan.fail(key);
    progress.add('failed');
    context.log.warn(
      { 'script.item': key, err: error, 'event.name': 'script.item_failed' },
      `${key} failed: ${reason}`,
    );
  }
}

/** What a schema refused is told field by field: the message of such an error is a page of JSON. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const issues: unknown = Reflect.get(error, 'issues');
  if (!Array.isArray(issues) || issues.length === 0) return error.message;
  return issues.map(issueText).join('; ');
}

/** Of whichever copy of a schema library the script has. */
function issueText(issue: unknown): string {
  const { path, message } = Object(issue);
  const place = Array.isArray(path) ? path.join('.') : '';
  return place === '' ? String(message) : `${place}: ${String(message)}`;
}

/** Resolves when the next item may begin. */
function paceOf(perSecond: number | undefined): () => Promise<void> {
  if (perSecond === undefined) return async () => undefined;
  let next = performance.now();
  return async () => {
    const wait = next - performance.now();
    next = Math.max(next, performance.now()) + 1000 / perSecond;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  };
}
