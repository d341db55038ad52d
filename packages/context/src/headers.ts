/** Headers as the rest of this package reads and writes them: any framework's shape fits, and nothing is copied. */

/** Value of a header by lower-case name; repeated headers joined by a comma. */
export type HeaderReader = (name: string) => string | undefined;

export type Headers = Record<string, string>;
