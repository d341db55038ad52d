/** Answers of panels for a few seconds: those who ask the same at the same time get the same one. Never across projects. */
import type { PanelAnswer } from '@sillok/api';

import { ANSWER_KEPT_MS, ANSWERS_MAX } from './limits.js';

export class Answers {
  readonly #kept = new Map<string, { readonly answer: Promise<PanelAnswer>; readonly endsMs: number }>();

  get(key: string, make: () => Promise<PanelAnswer>): Promise<PanelAnswer> {
    const nowMs = Date.now();
    const known = this.#kept.get(key);
    if (known !== undefined && known.endsMs > nowMs) return known.answer;
    const answer = make();
    this.#kept.delete(key);
    this.#kept.set(key, { answer, endsMs: nowMs + ANSWER_KEPT_MS });
    answer.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= ANSWERS_MAX) break;
      this.#kept.delete(oldest);
    }
    return answer;
  }
}
