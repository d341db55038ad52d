/** What a panel's rows look like: over time, as a list, as a number, as a table, as a heatmap. Plain SVG and tables. */
import type { ReactElement } from 'react';
import type { DeployShape, Panel, PanelAnswer } from '@sillok/api';
import { CHART_LINES, TOP_ROWS } from '../../limits.js';
import { formatMoment, formatNumber, formatShort } from '../../ui/format.js';
import { Table } from '../../ui/table.js';
import { asText, shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';
import { linesOf, numberOf, type Series } from './series.js';

interface ChartProps {
  readonly panel: Panel;
  readonly answer: PanelAnswer;
  readonly deploys: readonly DeployShape[];
}

export function Chart({ panel, answer, deploys }: ChartProps): ReactElement {
  const words = say(dashboardWords);
  if (answer.rows.length === 0) return <p className="muted panel-empty">{words.noData}</p>;
  switch (panel.kind) {
    case 'time_series':
      return <Lines series={linesOf(answer)} deploys={deploys} unit={panel.unit} />;
    case 'number':
      return <BigNumber answer={answer} unit={panel.unit} />;
    case 'top_list':
      return <TopList answer={answer} unit={panel.unit} />;
    case 'heatmap':
      return <Heatmap answer={answer} unit={panel.unit} />;
    case 'table':
      return <Rows answer={answer} title={panel.title} />;
  }
}

const WIDTH = 600;
const HEIGHT = 160;

function Lines(props: { series: Series; deploys: readonly DeployShape[]; unit: string }): ReactElement {
  const { series, deploys, unit } = props;
  const words = say(dashboardWords);
  const { fromMs, toMs, lines, highest } = series;
  const x = (ms: number): number => ((ms - fromMs) / Math.max(1, toMs - fromMs)) * WIDTH;
  const y = (value: number): number => HEIGHT - (value / Math.max(highest, 1e-9)) * (HEIGHT - 8);
  const label = lines.map(({ name, total }) => `${name} ${formatShort(total)}`).join(', ');
  return (
    <figure className="board-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {lines.map(({ name, points }, index) => (
          <polyline
            key={name}
            data-colour={index % CHART_LINES}
            points={points.map(({ ms, value }) => `${x(ms).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
          />
        ))}
        {deploys.map((deploy) => (
          <line
            key={`${deploy.service} ${deploy.version}`}
            className="deploy"
            x1={x(Date.parse(deploy.time))}
            x2={x(Date.parse(deploy.time))}
            y1={0}
            y2={HEIGHT}
          >
            <title>{words.deploy(shown(deploy.service), shown(deploy.version))}</title>
          </line>
        ))}
      </svg>
      <figcaption>
        <span className="muted small">
          {formatMoment(fromMs)} – {formatMoment(toMs)} · {words.highest} {formatShort(highest)} {unit}
        </span>
        {lines.length > 1 && (
          <ul className="board-legend">
            {lines.slice(0, CHART_LINES).map(({ name, total }, index) => (
              <li key={name} data-colour={index % CHART_LINES}>
                {shown(name)} <span className="muted">{formatShort(total)}</span>
              </li>
            ))}
            {lines.length > CHART_LINES && <li className="muted">{words.more}</li>}
          </ul>
        )}
      </figcaption>
    </figure>
  );
}

function BigNumber({ answer, unit }: { answer: PanelAnswer; unit: string }): ReactElement {
  const value = numberOf(answer.rows[0]?.at(-1));
  const text =
    value === undefined ? asText(answer.rows[0]?.at(-1)) : formatNumber(value, value < 100 ? 2 : 0);
  return (
    <p className="big-number">
      {text} <span className="muted">{unit}</span>
    </p>
  );
}

function TopList({ answer, unit }: { answer: PanelAnswer; unit: string }): ReactElement {
  const rows = answer.rows.slice(0, TOP_ROWS).map((row) => {
    const at = row.findLastIndex((value) => numberOf(value) !== undefined);
    const name = row.filter((_, index) => index !== at && typeof row[index] !== 'number');
    return { name: name.map(asText).join(' · ') || '–', value: numberOf(row[at]) ?? 0 };
  });
  const highest = Math.max(1e-9, ...rows.map(({ value }) => value));
  return (
    <ol className="top-list">
      {rows.map(({ name, value }, index) => (
        <li key={`${name} ${index}`}>
          <span className="top-name" title={name}>
            {name}
          </span>
          <meter min={0} max={highest} value={value} aria-label={name} />
          <span className="top-value">
            {formatNumber(value, value < 100 ? 1 : 0)} {unit}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Rows({ answer, title }: { answer: PanelAnswer; title: string }): ReactElement {
  const columns = answer.columns.map(({ name }, index) => ({
    name: `${index} ${name}`,
    title: name,
    cell: (row: readonly unknown[]) => asText(row[index]),
    sortBy: (row: readonly unknown[]) => numberOf(row[index]) ?? asText(row[index]),
  }));
  return <Table label={title} columns={columns} rows={answer.rows} keyOf={(_, index) => String(index)} />;
}

/** Rows are a time, the lower end of a step, and how many. */
function Heatmap({ answer, unit }: { answer: PanelAnswer; unit: string }): ReactElement {
  const cells = answer.rows.map(([time, low, count]) => ({
    ms: Date.parse(String(time)),
    low: numberOf(low) ?? 0,
    count: numberOf(count) ?? 0,
  }));
  const lows = [...new Set(cells.map(({ low }) => low))].toSorted((a, b) => a - b);
  const fromMs = Date.parse(answer.from);
  const columns = Math.max(
    1,
    Math.ceil((Date.parse(answer.to) - fromMs) / Math.max(1, answer.bucket_ms)) + 1,
  );
  const highest = Math.max(1, ...cells.map(({ count }) => count));
  return (
    <figure className="board-chart">
      <svg
        viewBox={`0 0 ${columns} ${lows.length}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${lows.length} × ${columns}`}
      >
        {cells.map(({ ms, low, count }) => (
          <rect
            key={`${ms} ${low}`}
            className="heat"
            x={Math.floor((ms - fromMs) / answer.bucket_ms) + 1}
            y={lows.length - 1 - lows.indexOf(low)}
            width={1}
            height={1}
            opacity={0.15 + 0.85 * (Math.log1p(count) / Math.log1p(highest))}
          >
            <title>{`${formatMoment(ms)} · ≥ ${formatNumber(low, 1)} · ${formatNumber(count)}`}</title>
          </rect>
        ))}
      </svg>
      <figcaption className="muted small">
        {formatNumber(lows[0] ?? 0, 1)} – {formatNumber(lows.at(-1) ?? 0, 1)} {unit}
      </figcaption>
    </figure>
  );
}
