/** One thing that the person tried: the sentence, how it ended, and below it, folded, how it went. */
import type { Episode, ScenarioStep } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { others } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { copyText } from '../../ui/copy.js';
import { EvidenceList } from '../../ui/evidence.js';
import { formatDuration, formatMoment, formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Loading, Problem } from '../../ui/states.js';
import { languageStore, say } from '../../words/dictionary.js';
import { scenarioWords } from '../../words/scenario.js';

interface EpisodeCardProps {
  readonly episode: Episode;
  readonly steps: readonly ScenarioStep[];
  /** The newest failure: its steps are open. */
  readonly isFirst: boolean;
}

export function EpisodeCard({ episode, steps, isFirst }: EpisodeCardProps): ReactElement {
  const [asksOthers, setAsksOthers] = useState(false);
  const words = say(scenarioWords);
  const sentence = shown(episode.sentence[languageStore.get()]);
  const broke = shown(episode.broke.sentence[languageStore.get()]);
  const handOver = (): void => {
    const path =
      episode.trace_id === null ? location.pathname + location.search : `/trace/${episode.trace_id}`;
    void copyText(`${words.handOverText(sentence, formatMoment(episode.start))}\n${location.origin}${path}`);
  };
  return (
    <article className="episode" data-failed={episode.failed}>
      <p className="episode-time">
        <time dateTime={episode.start}>{formatMoment(episode.start)}</time>
        <span className={episode.failed ? 'tag bad' : 'tag good'}>
          {episode.failed ? words.failed : words.worked}
        </span>
      </p>
      <h2 className="episode-sentence">{sentence}</h2>
      {episode.failed && (
        <p>
          {!sentence.includes(broke) && broke} <EvidenceList evidence={episode.broke.evidence} />
        </p>
      )}
      <p className="chips">
        {episode.similar !== null && (
          <button type="button" onClick={() => setAsksOthers(!asksOthers)} aria-expanded={asksOthers}>
            <Icon name="people" /> {words.others}
          </button>
        )}
        {episode.failed && (
          <button type="button" onClick={handOver} title={words.handOverHelp}>
            <Icon name="share" /> {words.handOver}
          </button>
        )}
        {episode.trace_id !== null && (
          <Link className="chip" to={`/trace/${episode.trace_id}`}>
            <Icon name="trace" /> {words.openTrace}
          </Link>
        )}
      </p>
      {asksOthers && episode.similar !== null && <Others similar={episode.similar} />}
      <details open={isFirst}>
        <summary>{words.steps(formatNumber(steps.length))}</summary>
        <ol className="steps">
          {steps.map((step) => (
            <Step key={`${step.record.producer} ${step.record.boot} ${step.record.seq}`} step={step} />
          ))}
        </ol>
      </details>
    </article>
  );
}

const DEEP = 4;

function Step({ step }: { step: ScenarioStep }): ReactElement {
  const words = say(scenarioWords);
  return (
    <li className="step" data-failed={step.failed} data-type={step.type}>
      <time dateTime={step.time}>{step.time.slice(11, 19)}</time>
      <div style={{ paddingLeft: Math.min(step.depth, DEEP) * 14 }}>
        <span>{shown(step.sentence[languageStore.get()])}</span>
        {step.duration_ms !== null && step.duration_ms > 0 && (
          <span className="muted small"> {words.took(formatDuration(step.duration_ms))}</span>
        )}
        <details>
          <summary className="muted small">{words.technical}</summary>
          <code>{shown(step.detail)}</code>{' '}
          <span className="muted small">
            {shown(step.service)} {shown(step.version)}
          </span>
        </details>
      </div>
    </li>
  );
}

function Others({ similar }: { similar: string }): ReactElement {
  const words = say(scenarioWords);
  const range = { q: similar, from: '-7d' };
  const { answer, failure, again } = useCall(similar, (signal) => others(range, signal));
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  if (answer.people <= 1 && answer.sessions <= 1) return <p className="muted">{words.othersNone}</p>;
  const since = answer.since_release;
  return (
    <p className="others" role="status">
      <strong>{words.othersCount(formatNumber(answer.people), formatNumber(answer.records))}</strong>{' '}
      {since !== null && (
        <span>
          {words.othersSince(shown(`${since.service} ${since.version}`), formatMoment(since.first))}
        </span>
      )}{' '}
      <Link to={hrefOf('/search', { q: similar, from: '-7d' })}>{words.othersSearch}</Link>
    </p>
  );
}
