/** A page of things that a team made and keeps (dashboards, reports): one of them a card, and a button that makes a first draft. */
import type { ReactElement } from 'react';
import type { Called } from '../api/use-call.js';
import { shown } from '../text.js';
import { useAct } from './act.js';
import { go, Link } from './address.js';
import { PageHead } from './field.js';
import { Empty, Loading, Problem } from './states.js';

interface Kept {
  readonly id: string;
  readonly name: string;
}

interface KeptListProps<T extends Kept> {
  /** `/reports`: the pages of the single ones lie below it. */
  readonly path: string;
  readonly words: {
    readonly title: string;
    readonly newOne: string;
    readonly none: string;
    readonly noneHelp: string;
  };
  readonly called: Called<readonly T[]>;
  /** Makes one, which is opened to be edited. */
  readonly make: () => Promise<{ readonly id: string }>;
  /** What stands below the name. */
  readonly about: (each: T) => string;
}

export function KeptList<T extends Kept>({
  path,
  words,
  called,
  make,
  about,
}: KeptListProps<T>): ReactElement {
  const { answer, failure, again } = called;
  const { busy, failure: refused, act } = useAct();
  const create = (): void => act(async () => go(`${path}/${(await make()).id}?edit=1`));
  return (
    <main id="content" className="page">
      <PageHead title={words.title}>
        <button type="button" className="primary" disabled={busy} onClick={create}>
          {words.newOne}
        </button>
      </PageHead>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {refused !== undefined && <Problem failure={refused} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer?.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      <div className="cards">
        {answer?.map((each) => (
          <Link key={each.id} className="card dashboard-card" to={`${path}/${each.id}`}>
            <strong>{shown(each.name)}</strong>
            <span className="muted small">{about(each)}</span>
          </Link>
        ))}
      </div>
    </main>
  );
}
