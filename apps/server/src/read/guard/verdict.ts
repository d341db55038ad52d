/** What a check of the guard says: nothing, or why not and what to do instead. Bad input is returned, not thrown. */
export interface Refusal {
  readonly message: string;
  readonly help: string;
}

export function refuse(message: string, help = 'docs/reference/sql.md says what is allowed.'): Refusal {
  return { message, help };
}
