/** One record in a list: time, level, service, message. Search and live share it. */
import type { Envelope } from '@sillok/record';
import type { ReactElement } from 'react';
import { dayAndTime, serviceOf, shown } from '../text.js';

export function RecordRow(props: {
  record: Envelope;
  chosen: boolean;
  onChoose: (record: Envelope) => void;
}): ReactElement {
  const { record, chosen, onChoose } = props;
  const [day, time] = dayAndTime(record.time);
  const status = record.kind === 'access' ? leafOf(record, 'http', 'response', 'status_code') : undefined;
  return (
    <button
      type="button"
      className="row"
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
      <span className="message">
        {record.kind !== 'log' && <span className="kind">{record.kind}</span>}
        {status !== undefined && <span className="kind">{String(status)}</span>}
        {shown(record.message)}
      </span>
    </button>
  );
}

function leafOf(record: Envelope, ...path: string[]): unknown {
  let at: unknown = record.attributes;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}
