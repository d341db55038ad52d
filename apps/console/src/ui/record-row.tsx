/** One record in a list: time, level, service, chosen columns, message. Search, live and context share it. */
import type { Envelope } from '@sillok/record';
import { memo, type CSSProperties, type ReactElement } from 'react';
import { asText, dayAndTime, faultIn, serviceOf, shown, valueIn } from '../text.js';

interface RecordRowProps {
  readonly record: Envelope;
  readonly chosen: boolean;
  readonly onChoose: (record: Envelope) => void;
  /** Names of fields between service and message. */
  readonly columns?: readonly string[];
}

const NO_COLUMNS: readonly string[] = [];

/** The grid of a row with that many columns of its own. */
export function rowStyle(columns: readonly string[]): CSSProperties | undefined {
  if (columns.length === 0) return undefined;
  return {
    gridTemplateColumns: `158px 48px 100px repeat(${columns.length}, minmax(70px, 150px)) minmax(120px, 1fr)`,
  };
}

export const RecordRow = memo(function RecordRow(props: RecordRowProps): ReactElement {
  const { record, chosen, onChoose, columns = NO_COLUMNS } = props;
  const [day, time] = dayAndTime(record.time);
  const isCall = record.kind === 'access' || record.kind === 'span';
  const status = isCall ? valueIn(record, 'http.response.status_code') : undefined;
  const fault = faultIn(record);
  return (
    <button
      type="button"
      className="row"
      style={rowStyle(columns)}
      data-level={record.level}
      aria-pressed={chosen}
      onClick={() => onChoose(record)}
    >
      <time dateTime={record.time}>
        <span className="day">{day}</span> {time}
      </time>
      <span className="level">{record.level}</span>
      <span className="service" title={serviceOf(record)}>
        {shown(serviceOf(record))}
      </span>
      {columns.map((name) => {
        const text = asText(valueIn(record, name));
        return (
          <span key={name} className="cell" title={text}>
            {text}
          </span>
        );
      })}
      <span className="message">
        {record.kind !== 'log' && <span className="kind">{record.kind}</span>}
        {status !== undefined && <span className="kind">{asText(status)}</span>}
        {shown(record.message)}
        {fault !== '' && <span className="fault">{fault}</span>}
      </span>
    </button>
  );
});
