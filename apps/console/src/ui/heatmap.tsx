/** Durations over time: each cell is how many requests took that long then; failures are red. A box can be chosen. */
import type { Heatmap as Data } from '@sillok/api';
import { useRef, useState, type PointerEvent, type ReactElement } from 'react';
import { say } from '../words/dictionary.js';
import { servicesWords } from '../words/services.js';
import { formatDuration, formatMoment, formatNumber } from './format.js';

/** Few rows are drawn taller: a box must be big enough to be drawn around. */
const rowHeight = (rows: number): number => Math.max(12, Math.ceil(144 / rows));

export interface HeatBox {
  readonly from: string;
  readonly to: string;
  readonly minMs: number;
  /** Undefined: without an upper bound. */
  readonly maxMs: number | undefined;
}

interface Cell {
  readonly column: number;
  readonly row: number;
}

export function Heatmap({ data, onBox }: { data: Data; onBox: (box: HeatBox) => void }): ReactElement {
  const place = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<readonly [Cell, Cell]>();
  const words = say(servicesWords);
  const rows = data.bounds_ms.length + 1;
  const height = rowHeight(rows);
  const columns = data.columns.length;
  const most = Math.max(1, ...data.columns.flatMap((column) => column.counts));
  const at = (event: PointerEvent): Cell => {
    const box = place.current?.getBoundingClientRect();
    if (box === undefined) return { column: 0, row: 0 };
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = rows - 1 - Math.floor(((event.clientY - box.top) / box.height) * rows);
    return { column: clamp(column, columns - 1), row: clamp(row, rows - 1) };
  };
  const onUp = (): void => {
    if (drag === undefined) return;
    setDrag(undefined);
    onBox(boxOf(data, drag));
  };
  return (
    <div className="heatmap">
      <div className="heatmap-scale" aria-hidden="true">
        {[...data.bounds_ms]
          .toReversed()
          .map((bound, index) => (index % 3 === 0 ? <span key={bound}>{formatDuration(bound)}</span> : null))}
      </div>
      <svg
        ref={place}
        role="img"
        aria-label={words.heatmapHelp}
        viewBox={`0 0 ${Math.max(1, columns)} ${rows * height}`}
        preserveAspectRatio="none"
        style={{ height: rows * height }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([at(event), at(event)]);
        }}
        onPointerMove={(event) => setDrag((now) => (now === undefined ? now : [now[0], at(event)]))}
        onPointerUp={onUp}
      >
        {data.columns.map((column, index) => (
          <Column key={column.time} {...{ column, index, rows, most }} bounds={data.bounds_ms} />
        ))}
        {drag !== undefined && <Chosen drag={drag} rows={rows} />}
      </svg>
    </div>
  );
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));

function Column(props: {
  column: Data['columns'][number];
  index: number;
  rows: number;
  most: number;
  bounds: readonly number[];
}): ReactElement {
  const { column, index, rows, most, bounds } = props;
  const height = rowHeight(rows);
  return (
    <g>
      {column.counts.map((count, row) => {
        if (count === 0) return null;
        const failed = column.errors[row] ?? 0;
        const bound = bounds[row];
        const upTo =
          bound === undefined ? `> ${formatDuration(bounds.at(-1) ?? 0)}` : `≤ ${formatDuration(bound)}`;
        return (
          <rect
            key={upTo}
            className={failed * 2 > count ? 'heat-failed' : 'heat'}
            x={index}
            y={(rows - 1 - row) * height}
            width={1}
            height={height}
            opacity={0.18 + 0.82 * Math.sqrt(count / most)}
          >
            <title>{`${formatMoment(column.time)} · ${upTo} · ${formatNumber(count)} / ${formatNumber(failed)}`}</title>
          </rect>
        );
      })}
    </g>
  );
}

function Chosen({ drag, rows }: { drag: readonly [Cell, Cell]; rows: number }): ReactElement {
  const [a, b] = drag;
  const [left, right] = [Math.min(a.column, b.column), Math.max(a.column, b.column)];
  const [low, high] = [Math.min(a.row, b.row), Math.max(a.row, b.row)];
  return (
    <rect
      className="heat-chosen"
      x={left}
      width={right - left + 1}
      y={(rows - 1 - high) * rowHeight(rows)}
      height={(high - low + 1) * rowHeight(rows)}
    />
  );
}

function boxOf(data: Data, [a, b]: readonly [Cell, Cell]): HeatBox {
  const [left, right] = [Math.min(a.column, b.column), Math.max(a.column, b.column)];
  const [low, high] = [Math.min(a.row, b.row), Math.max(a.row, b.row)];
  const end = Date.parse(data.columns[right]?.time ?? '') + data.bucket_ms;
  return {
    from: data.columns[left]?.time ?? '',
    to: new Date(end).toISOString(),
    minMs: low === 0 ? 0 : (data.bounds_ms[low - 1] ?? 0),
    maxMs: data.bounds_ms[high],
  };
}
