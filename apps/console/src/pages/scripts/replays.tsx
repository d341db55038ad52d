/** Replays into second databases: state, lag and what the last look found. Nothing where there is none. */
import type { ReplayShape } from '@sillok/api';
import type { ReactElement } from 'react';
import { replayCalls } from '../../api/replay.js';
import { useCall } from '../../api/use-call.js';
import { ALERTS_REFRESH_MS } from '../../limits.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatDuration, formatMoment, formatNumber } from '../../ui/format.js';
import { Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { useEvery } from '../../ui/use-every.js';
import { say } from '../../words/dictionary.js';
import { replayWords } from '../../words/replays.js';

export function Replays(): ReactElement | null {
  const words = say(replayWords);
  const { answer, again } = useCall('replays', (signal) => replayCalls.list(signal));
  const { busy, failure, act } = useAct(again);
  useEvery(ALERTS_REFRESH_MS, again);
  if (answer === undefined || answer.replays.length === 0) return null;
  const forget = (replay: ReplayShape): void => act(() => replayCalls.forget(replay));
  return (
    <section className="card" aria-labelledby="replays">
      <h2 id="replays">{words.title}</h2>
      <p className="muted">{words.help}</p>
      {failure !== undefined && <Problem failure={failure} />}
      <Table
        label={words.title}
        columns={columnsOf({ busy, forget })}
        rows={answer.replays}
        keyOf={({ mode, name }) => `${mode} ${name}`}
      />
    </section>
  );
}

interface Acts {
  readonly busy: boolean;
  readonly forget: (replay: ReplayShape) => void;
}

const BAD: ReadonlySet<ReplayShape['state']> = new Set(['behind', 'failing', 'silent']);

function columnsOf({ busy, forget }: Acts): readonly TableColumn<ReplayShape>[] {
  const words = say(replayWords);
  return [
    {
      name: 'name',
      title: words.name,
      cell: ({ name, entity, sink, service }) => (
        <>
          <strong>{shown(name)}</strong>{' '}
          <span className="muted small">
            {shown(entity)} → {shown(sink)} · {shown(service)}
          </span>
        </>
      ),
    },
    { name: 'kind', title: words.kind, cell: ({ mode }) => words[mode] },
    {
      name: 'state',
      title: words.state,
      cell: ({ state }) => <span className={BAD.has(state) ? 'bad' : ''}>{words[state]}</span>,
    },
    {
      name: 'lag',
      title: words.lag,
      cell: ({ lag_ms: lagMs }) => (lagMs === null ? '–' : formatDuration(lagMs)),
    },
    { name: 'found', title: words.found, cell: foundText },
    { name: 'heard', title: words.heard, cell: ({ heard_at: heardAt }) => formatMoment(heardAt) },
    {
      name: 'acts',
      title: '',
      cell: (replay) => (
        <span className="chips">
          <Link to={hrefOf('/search', { q: searchOf(replay), from: '-24h' })}>{words.records}</Link>
          {(replay.state === 'silent' || replay.state === 'stopped') && (
            <button type="button" disabled={busy} onClick={() => forget(replay)}>
              {words.forget}
            </button>
          )}
        </span>
      ),
    },
  ];
}

/** Names of replays are of letters, digits and dashes; whatever else one may be stays text. */
function searchOf({ name, mode }: ReplayShape): string {
  return `event.name:replay.* replay.name:${JSON.stringify(name)} replay.mode:${mode}`;
}

function foundText({ found, left }: ReplayShape): string {
  const words = say(replayWords);
  if (found === null) return (left ?? 0) === 0 ? '–' : words.left(formatNumber(left ?? 0));
  const count = found.missing + found.stale + found.not_deleted;
  const compared = formatNumber(found.compared);
  const only = found.only_there ?? 0;
  const extra = only === 0 ? '' : ` · ${words.onlyThere(formatNumber(only))}`;
  return `${count === 0 ? words.agrees(compared) : words.differs(formatNumber(count), compared)}${extra}`;
}
