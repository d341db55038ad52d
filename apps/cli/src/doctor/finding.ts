/** What doctor says about one thing: how it is, and what to do if that is not well. */

export type State = 'good' | 'note' | 'bad';

export interface Finding {
  readonly about: string;
  readonly state: State;
  readonly says: string;
  /** What to do; empty when there is nothing to do. */
  readonly help: string;
}

export function good(about: string, says: string): Finding {
  return { about, state: 'good', says, help: '' };
}

export function note(about: string, says: string, help: string): Finding {
  return { about, state: 'note', says, help };
}

export function bad(about: string, says: string, help: string): Finding {
  return { about, state: 'bad', says, help };
}
