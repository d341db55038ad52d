/** What the watchers tell the book: something happened that an alert may be about. */
import type { AlertKind, Severity } from '@sillok/api';

import type { Says } from './titles.js';

export interface Signal {
  readonly project: string;
  /** Id of the rule. */
  readonly rule: string;
  readonly kind: AlertKind;
  /** One alert per rule and group: a fingerprint, a dependency, a source, a value of `by`. */
  readonly group: string;
  readonly severity: Severity;
  readonly title: string;
  /** What the title is made from, where it is a sentence of ours. */
  readonly says?: Says;
  readonly q: string;
  /** The business database whose number this is; `q` is the statement. */
  readonly database?: string;
  /** The page of the console where something can be done about it, in place of its search. */
  readonly place?: string;
  /** Time of the record, RFC 3339. */
  readonly time: string;
  /** How many records this is; 0 says only that the state goes on. */
  readonly count: number;
  /** The count is how things stand, not how many more: a rule that looks at the same window again. */
  readonly isLevel?: boolean;
  readonly people?: readonly string[];
  readonly service?: string;
  readonly release?: string;
  readonly traceId?: string;
  /** Of the error, where the group is something else: the dependency that failed. */
  readonly fingerprint?: string;
  /** Of a dependency: where it is, if every service means the same by it. */
  readonly address?: string;
  /** Of a dependency: it answered, with a failure, so that what failed may be behind it. */
  readonly isAnswered?: boolean;
  /** People had resolved it. */
  readonly cameBack?: boolean;
  /** Kind of the record: the log line and the access record of one failure are not two failures. */
  readonly recordKind?: string;
}
