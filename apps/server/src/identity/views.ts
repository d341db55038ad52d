/**
 * Who looked at whom: whoever is shown what a person did (a story, a trace, retries, the changes about them) leaves `person.view`
 * in the audit trail, people and machines alike. One entry per viewer, person and hour, for somebody who reads a story clicks
 * through many traces of it.
 *
 * On disk before it is answered, and taken also while the disk is nearly full: that is when somebody has to look.
 */
import type { Admission, Principal } from '../seams.js';
import { VIEW_QUIET_MS, VIEWED_PEOPLE_MAX, VIEWS_MAX } from './limits.js';
import type { PersonGraph } from './person-graph.js';
import { audit } from './trail.js';

export interface View {
  /** Pseudonyms of those whose records are shown, the accounts first. */
  readonly hashes: readonly string[];
  readonly graph: Pick<PersonGraph, 'peopleOf'>;
  readonly by: 'story' | 'trace' | 'retries' | 'history';
  readonly traceId?: string;
  readonly address: string;
}

export class Views {
  readonly #admission: Admission;
  readonly #nowMs: () => number;
  /** Viewer and person → when it was written down. The oldest is forgotten first, and then written down once more. */
  readonly #seen = new Map<string, number>();

  constructor(admission: Admission, nowMs: () => number = Date.now) {
    this.#admission = admission;
    this.#nowMs = nowMs;
  }

  /** Throws a `ServerError` when it could not be kept: then nothing may be shown. */
  async viewed(viewer: Pick<Principal, 'project' | 'keyId'>, view: View): Promise<void> {
    const people = peopleIn(view);
    await Promise.all(people.map((person) => this.#viewedOne(viewer, person, view)));
  }

  async #viewedOne(
    viewer: Pick<Principal, 'project' | 'keyId'>,
    subject: string,
    { by, traceId, address }: View,
  ): Promise<void> {
    const key = `${viewer.project}\n${viewer.keyId}\n${subject}`;
    const now = this.#nowMs();
    const lastMs = this.#seen.get(key);
    if (lastMs !== undefined && now - lastMs < VIEW_QUIET_MS) return;
    await audit(this.#admission, viewer, {
      action: 'person.view',
      outcome: 'committed',
      subject,
      arguments: { by, ...(traceId === undefined ? {} : { trace_id: traceId }) },
      address,
    });
    this.#remember(key, now);
  }

  #remember(key: string, nowMs: number): void {
    this.#seen.delete(key);
    this.#seen.set(key, nowMs);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > VIEWS_MAX && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** Each once, under the name by which they are asked for; a name that no link knows is one of its own. */
function peopleIn({ hashes, graph }: View): string[] {
  const people = new Set<string>();
  const covered = new Set<string>();
  for (const hash of hashes) {
    if (covered.has(hash) || people.size === VIEWED_PEOPLE_MAX) continue;
    const found = graph.peopleOf(hash);
    for (const { id, userHashes, sessionHashes } of found) {
      people.add(id);
      for (const each of [...userHashes, ...sessionHashes]) covered.add(each);
    }
    if (found.length === 0) people.add(hash);
  }
  return [...people];
}
