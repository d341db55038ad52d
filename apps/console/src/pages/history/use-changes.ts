/** Changes of a question, page after page: older ones are put behind those that are shown. */
import type { AuditChange, AuditPage } from '@sillok/api';
import { useState } from 'react';
import { changes } from '../../api/audit.js';
import { failureFrom, type Failure } from '../../api/http.js';
import { useCall } from '../../api/use-call.js';
import { HISTORY_CHANGES } from '../../limits.js';

export interface Question {
  readonly q?: string | undefined;
  readonly entity?: string | undefined;
  readonly actor?: string | undefined;
  readonly customer?: string | undefined;
  readonly person?: string | undefined;
  readonly reads: 'with' | 'without' | 'only';
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Found {
  readonly shownChanges: readonly AuditChange[];
  /** Of the first page: how fresh and complete it is. */
  readonly answer: AuditPage | undefined;
  readonly failure: Failure | undefined;
  readonly busy: boolean;
  readonly again: () => void;
  /** Undefined when there is nothing older. */
  readonly more: (() => void) | undefined;
}

interface Older {
  readonly of: AuditPage;
  readonly pages: readonly AuditPage[];
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

export function useChanges(question: Question): Found {
  const asked = { ...question, causes: '1' as const, limit: HISTORY_CHANGES };
  const { answer, failure, busy, again } = useCall(JSON.stringify(asked), (signal) => changes(asked, signal));
  const [kept, setKept] = useState<Older>();
  // Pages behind another first page belong to another question.
  const older = kept !== undefined && kept.of === answer ? kept : undefined;
  const pages = answer === undefined ? [] : [answer, ...(older?.pages ?? [])];
  const cursor = pages.at(-1)?.next ?? undefined;

  const more = (first: AuditPage): void => {
    const before = { of: first, pages: older?.pages ?? [], failure: undefined };
    setKept({ ...before, busy: true });
    changes({ ...asked, cursor }).then(
      (page) => setKept({ ...before, pages: [...before.pages, page], busy: false }),
      (cause: unknown) => setKept({ ...before, busy: false, failure: failureFrom(cause) }),
    );
  };
  return {
    shownChanges: pages.flatMap((page) => page.changes),
    answer,
    failure: failure ?? older?.failure,
    busy: busy || older?.busy === true,
    again,
    more: answer === undefined || cursor === undefined ? undefined : () => more(answer),
  };
}
