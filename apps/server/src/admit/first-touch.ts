/**
 * What is done to records before they reach the disk, whichever way they came: secrets and personal numbers are hidden,
 * and the team's rule file is applied.
 *
 * Canonical lines (`encoding: flat`) come from an SDK, which has redacted them by the settings of its own service: they are not
 * searched again, and without a rule file they are not even decoded. A batch says in its queue header by what it was
 * touched, so that a record sent again is only compared with one that went the same way.
 */
import {
  createRedactor,
  encodeLimited,
  type FlatAttributes,
  type FlatRecord,
  type Redactor,
  type Resource,
} from '@sillok/record';

import type { Config } from '../config.js';
import type { ActiveRules } from './active-rules.js';

export interface Touch {
  /** The same for batches that are treated alike. */
  readonly name: string;
  /** Changes the record in place and answers its canonical line. */
  lineOf(record: FlatRecord): string;
  resource(resource: Resource): Resource;
}

export interface TouchedBatch {
  readonly project: string;
  /** An SDK has redacted it. */
  readonly isRedacted: boolean;
}

/** Undefined when there is nothing to do. */
export type FirstTouch = (batch: TouchedBatch) => Touch | undefined;

export interface FirstTouchOptions {
  readonly redact: Config['redact'];
  readonly rules: ActiveRules | undefined;
}

export function createFirstTouch({ redact, rules }: FirstTouchOptions): FirstTouch {
  const redactor = redact === 'on' ? createRedactor() : undefined;
  return ({ project, isRedacted }) => {
    const own = isRedacted ? undefined : redactor;
    if (own === undefined && rules === undefined) return undefined;
    return {
      name: [own && 'redact', rules?.hash].filter((part) => part !== undefined).join(' '),
      lineOf(record) {
        own?.redact(record);
        if (rules !== undefined) {
          rules.apply(record, project);
          // A rule may have given a value a name under which it has to be hidden.
          own?.redact(record);
        }
        return encodeLimited(record);
      },
      resource: (resource) => (own === undefined ? resource : redactResource(own, resource)),
    };
  };
}

/** The same object when it is clean. */
function redactResource(redactor: Redactor, resource: Resource): Resource {
  const copy: FlatAttributes = { ...resource };
  redactor.redactAttributes(copy);
  const isClean = Object.keys(resource).every((name) => copy[name] === resource[name]);
  // Redaction answers scalars for scalars.
  return isClean ? resource : (copy as Resource);
}
