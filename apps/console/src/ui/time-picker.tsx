/** The time range: short ways for the usual, exact times for the rest. It stands in the address. */
import { useState, type FormEvent, type ReactElement } from 'react';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { formatMoment } from './format.js';
import { Icon } from './icon.js';
import { Popover } from './popover.js';
import { chooseRange, momentOf, useRange, type TimeRange } from './range.js';

const RELATIVE = ['-5m', '-15m', '-1h', '-4h', '-24h', '-2d', '-7d', '-30d'];

function relativeText(from: string): string {
  const words = say(frameWords);
  const [, count = '', unit] = /^-(\d+)([mhd])$/.exec(from) ?? [];
  if (unit === 'm') return words.last(words.minutes(Number(count)));
  if (unit === 'h') return words.last(words.hours(Number(count)));
  if (unit === 'd') return words.last(words.days(Number(count)));
  return from;
}

export function rangeText({ from, to }: TimeRange): string {
  if (from === undefined && to === undefined) return say(frameWords).everything;
  if (to === undefined && from?.startsWith('-') === true) return relativeText(from);
  const bound = (text: string | undefined): string =>
    text === undefined ? '…' : text.startsWith('-') || text === 'now' ? text : formatMoment(text);
  return `${bound(from)} – ${bound(to)}`;
}

export function TimePicker({
  onChoose = chooseRange,
}: {
  onChoose?: (range: TimeRange) => void;
}): ReactElement {
  const range = useRange();
  const words = say(frameWords);
  return (
    <Popover
      label={`${words.range}: ${rangeText(range)}`}
      className="time-picker"
      button={
        <>
          <Icon name="clock" />
          <span>{rangeText(range)}</span>
        </>
      }
    >
      {(close) => (
        <Choices
          range={range}
          onChoose={(next) => {
            close();
            onChoose(next);
          }}
        />
      )}
    </Popover>
  );
}

function Choices(props: { range: TimeRange; onChoose: (range: TimeRange) => void }): ReactElement {
  const { range, onChoose } = props;
  const words = say(frameWords);
  return (
    <div className="time-choices">
      <div className="time-relative">
        {RELATIVE.map((from) => (
          <button
            key={from}
            type="button"
            aria-pressed={range.from === from && range.to === undefined}
            onClick={() => onChoose({ from, to: undefined })}
          >
            {relativeText(from)}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={range.from === undefined && range.to === undefined}
          onClick={() => onChoose({ from: undefined, to: undefined })}
        >
          {words.everything}
        </button>
      </div>
      <Absolute range={range} onChoose={onChoose} />
    </div>
  );
}

/** The form of `datetime-local` for a bound: local time without a zone. */
function localText(bound: string | undefined): string {
  const ms = momentOf(bound ?? 'now', Date.now());
  if (ms === undefined) return '';
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

function Absolute(props: { range: TimeRange; onChoose: (range: TimeRange) => void }): ReactElement {
  const { range, onChoose } = props;
  const words = say(frameWords);
  const [from, setFrom] = useState(() => localText(range.from ?? '-24h'));
  const [to, setTo] = useState(() => localText(range.to));
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const isRight = start < end;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (isRight) onChoose({ from: new Date(start).toISOString(), to: new Date(end).toISOString() });
  };
  return (
    <form className="time-absolute" onSubmit={onSubmit}>
      <p className="section-title">{words.ownRange}</p>
      <label>
        {words.fromLabel}
        <input
          type="datetime-local"
          step="1"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        {words.toLabel}
        <input type="datetime-local" step="1" value={to} onChange={(event) => setTo(event.target.value)} />
      </label>
      <p className={isRight ? 'muted small' : 'warning small'}>
        {isRight ? words.rangeHelp : words.rangeWrong}
      </p>
      <button type="submit" className="primary" disabled={!isRight}>
        {words.apply}
      </button>
    </form>
  );
}
