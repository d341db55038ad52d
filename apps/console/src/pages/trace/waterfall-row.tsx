/** One line of the waterfall: what was called by whom on the left, when and how long on the right. */
import type { TraceNode } from '@sillok/api';
import { memo, type CSSProperties, type ReactElement } from 'react';
import { shown } from '../../text.js';
import { formatDuration, formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { say } from '../../words/dictionary.js';
import { traceWords } from '../../words/trace.js';
import { hueOf, type Row } from './rows.js';
import type { Window } from './waterfall.js';

interface WaterfallRowProps {
  readonly row: Row;
  readonly index: number;
  readonly window: Window;
  readonly critical: readonly Window[] | undefined;
  readonly chosen: boolean;
  readonly isFolded: boolean;
  readonly onChoose: (index: number) => void;
  readonly onFold: (id: string) => void;
}

/** Deeper levels keep their order and lose only their step to the right. */
const INDENT_DEPTH = 12;

/** Drawn again only when it changes: scrolling brings a few new lines a frame, and leaves the others alone. */
export const WaterfallRow = memo(function WaterfallRow(props: WaterfallRowProps): ReactElement {
  const { row, index, chosen } = props;
  const onChoose = (): void => props.onChoose(index);
  // A custom property is no known style to the types of React. The step itself is smaller on a phone.
  const indent = { '--depth': Math.min(row.depth, INDENT_DEPTH) } as CSSProperties;
  if (row.kind === 'entry') {
    const { entry } = row;
    return (
      <div className="wrow entry" data-level={entry.level} aria-current={chosen}>
        <button type="button" className="wname" style={indent} onClick={onChoose}>
          <span className="level">{entry.level}</span>
          <span className="wtext">{shown(entry.message)}</span>
        </button>
        <span className="wtime">
          <Dot at={row.startMs} window={props.window} />
        </span>
      </div>
    );
  }
  const { node } = row;
  return (
    <div className="wrow" data-failed={node.failed} data-type={node.type} aria-current={chosen}>
      <span className="wname" style={indent}>
        <Fold {...props} node={node} hasChildren={row.hasChildren} />
        <button type="button" className="wcall" onClick={onChoose}>
          <span className="wservice" style={hueStyle(node.service)}>
            {shown(node.service)}
          </span>
          <span className="wtext">{shown(node.name)}</span>
          <Notes node={node} />
        </button>
      </span>
      <span className="wtime">
        <Bar node={node} startMs={row.startMs} window={props.window} critical={props.critical} />
      </span>
    </div>
  );
});

function hueStyle(service: string): CSSProperties {
  // A custom property is no known style to the types of React.
  return { '--hue': hueOf(service) } as CSSProperties;
}

function Fold(props: {
  node: TraceNode;
  hasChildren: boolean;
  isFolded: boolean;
  onFold: (id: string) => void;
}): ReactElement {
  const words = say(traceWords);
  if (!props.hasChildren) return <span className="wfold" />;
  return (
    <button
      type="button"
      className="wfold"
      aria-expanded={!props.isFolded}
      aria-label={props.isFolded ? words.expand : words.collapse}
      onClick={() => props.onFold(props.node.id)}
    >
      <Icon name="chevron" />
    </button>
  );
}

/** What is worth a word on the line itself: statement, status, attempts, deliveries, a debug route. */
function Notes({ node }: { node: TraceNode }): ReactElement {
  const words = say(traceWords);
  const { http, db, edge, messaging, debug_rule: rule } = node;
  return (
    <>
      {node.type === 'missing' && <span className="wnote">{words.missingNode}</span>}
      {http !== null && http.status > 0 && (
        <span className={node.error === null ? 'wnote' : 'wnote bad'}>{http.status}</span>
      )}
      {http !== null && http.resend_count > 0 && (
        <span className="wnote warning">{words.resent(formatNumber(http.resend_count))}</span>
      )}
      {edge !== null && edge.attempts > 1 && (
        <span className="wnote warning">
          {words.attempts(formatNumber(edge.attempts))}: {shown(edge.statuses.join(', '))}
        </span>
      )}
      {messaging !== null && messaging.delivery_attempt > 1 && (
        <span className="wnote warning">{words.delivery(formatNumber(messaging.delivery_attempt))}</span>
      )}
      {rule !== null && <span className="wnote good">{words.debugRule(shown(rule))}</span>}
      {db !== null && <code className="wsql">{shown(db.statement)}</code>}
      {/* An error whose type is the status would say the same number twice. */}
      {node.error !== null && node.error.type !== String(http?.status) && (
        <span className="wnote bad">{shown(node.error.type)}</span>
      )}
    </>
  );
}

const share = (ms: number, window: Window): number =>
  ((ms - window.from) / Math.max(1e-6, window.to - window.from)) * 100;

/** A bar that ends at the right edge has its label inside; a short one there has it before itself. */
const insideFrom = (from: number, to: number): number => (from < 70 ? 100 - to : 100 - from);

const clamp = (percent: number): number => Math.min(100, Math.max(0, percent));

function Bar(props: {
  node: TraceNode;
  startMs: number;
  window: Window;
  critical: readonly Window[] | undefined;
}): ReactElement | null {
  const { node, startMs, window, critical } = props;
  const [left, right] = [share(startMs, window), share(startMs + node.duration_ms, window)];
  if (right < 0 || left > 100) return null;
  const [from, to] = [clamp(left), clamp(right)];
  const label = formatDuration(node.duration_ms);
  return (
    <>
      <span
        className="wbar"
        style={{ ...hueStyle(node.service), left: `${from}%`, width: `max(2px, ${to - from}%)` }}
      />
      {critical?.map((part) => {
        const [a, b] = [clamp(share(part.from, window)), clamp(share(part.to, window))];
        return (
          <span
            key={part.from}
            className="wcritical"
            style={{ left: `${a}%`, width: `max(1px, ${b - a}%)` }}
          />
        );
      })}
      {to < 84 ? (
        <span className="wlabel" style={{ left: `${to}%` }}>
          {label}
        </span>
      ) : (
        <span
          className={from < 70 ? 'wlabel inside' : 'wlabel'}
          style={{ right: `${insideFrom(from, to)}%` }}
        >
          {label}
        </span>
      )}
    </>
  );
}

function Dot({ at, window }: { at: number; window: Window }): ReactElement | null {
  const left = share(at, window);
  if (left < 0 || left > 100) return null;
  return <span className="wdot" style={{ left: `${left}%` }} />;
}
