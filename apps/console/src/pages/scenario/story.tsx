/** One person's story, to be read aloud: a sentence for each thing they tried, the newest failure first, the rest folded. */
import type { ScenarioAnswer, ScenarioStep } from '@sillok/api';
import { useMemo, type ReactElement } from 'react';
import { scenario } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { useRange } from '../../ui/range.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { TimePicker } from '../../ui/time-picker.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { scenarioWords } from '../../words/scenario.js';
import { EpisodeCard } from './episode.js';
import { PersonChanges } from './person-changes.js';

export interface Whose {
  readonly global_trace_id?: string | undefined;
  readonly trace_id?: string | undefined;
  readonly user_hash?: string | undefined;
  readonly session_hash?: string | undefined;
}

const ORDERS = ['failures', 'newest', 'oldest'] as const;

export function Story({ whose, title }: { whose: Whose; title: string }): ReactElement {
  const { parameters } = useAddress();
  const order = ORDERS.find((each) => each === parameters.get('order')) ?? 'failures';
  const range = useRange();
  const words = say(scenarioWords);
  // A trace is in one place of time; asking for its id alone finds it wherever that is.
  const span = whose.trace_id === undefined ? range : {};
  const question = { ...whose, ...span, order };
  const { answer, failure, busy, again } = useCall(JSON.stringify(question), (signal) =>
    scenario(question, signal),
  );
  // Also of somebody who has tried nothing: their data may have been changed all the same.
  const person = answer?.person.user_hashes[0] ?? answer?.person.session_hashes[0];
  const names = { failures: words.newestFailure, newest: words.newest, oldest: words.oldest };
  return (
    <main id="content" className="page story">
      <div className="page-head">
        <h1>{title}</h1>
        <span className="spring" />
        <select
          aria-label={words.newestFailure}
          value={order}
          onChange={(event) => go(hrefHere({ order: event.target.value }), { replace: true })}
        >
          {ORDERS.map((each) => (
            <option key={each} value={each}>
              {names[each]}
            </option>
          ))}
        </select>
        {whose.trace_id === undefined && <TimePicker />}
      </div>
      <Trust of={answer} busy={busy}>
        {answer !== undefined && <strong>{words.episodes(formatNumber(answer.episodes.length))}</strong>}
        {answer !== undefined && (
          <span>{words.sessions(formatNumber(answer.person.session_hashes.length))}</span>
        )}
      </Trust>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer?.episodes.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      {answer !== undefined && answer.episodes.length > 0 && <Episodes answer={answer} />}
      {person !== undefined && <PersonChanges person={person} />}
    </main>
  );
}

function Episodes({ answer }: { answer: ScenarioAnswer }): ReactElement {
  const words = say(scenarioWords);
  const byEpisode = useMemo(() => stepsByEpisode(answer.steps), [answer]);
  const firstFailed = answer.episodes.findIndex((episode) => episode.failed);
  return (
    <>
      {answer.truncated && <p className="warning">{words.truncated}</p>}
      <ol className="episodes">
        {answer.episodes.map((episode, index) => (
          <li key={`${episode.start} ${episode.trace_id}`}>
            <EpisodeCard
              episode={episode}
              steps={byEpisode.get(index) ?? []}
              isFirst={index === firstFailed}
            />
          </li>
        ))}
      </ol>
    </>
  );
}

function stepsByEpisode(steps: readonly ScenarioStep[]): Map<number, ScenarioStep[]> {
  const found = new Map<number, ScenarioStep[]>();
  for (const step of steps) {
    const list = found.get(step.episode) ?? [];
    list.push(step);
    found.set(step.episode, list);
  }
  return found;
}
