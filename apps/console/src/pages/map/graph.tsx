/** The drawing of the map: layered from callers to callees, so that it looks the same for the same calls. */
import { Graph as Layout, layout, type EdgeLabel, type GraphLabel, type NodeLabel } from '@dagrejs/dagre';
import type { MapAnswer, MapEdge, MapService, Numbers } from '@sillok/api';
import { useMemo, type ReactElement } from 'react';
import { shown } from '../../text.js';
import { formatNumber, formatPercent, formatShort } from '../../ui/format.js';
import { duration } from '../../ui/numbers.js';
import { say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';

/** The drawing shrinks to the page down to here; then it scrolls. */
const SMALLEST = 0.6;
const BOX = { width: 168, height: 52 };
const NAME_CHARACTERS = 20;

interface GraphProps {
  readonly answer: MapAnswer;
  readonly chosen: string | undefined;
  readonly onChoose: (name: string) => void;
}

interface Placed {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly { readonly service: MapService; readonly x: number; readonly y: number }[];
  readonly lines: readonly {
    readonly edge: MapEdge;
    readonly path: string;
    readonly labelX: number;
    readonly labelY: number;
  }[];
}

export function Graph({ answer, chosen, onChoose }: GraphProps): ReactElement {
  const placed = useMemo(() => place(answer), [answer]);
  const words = say(servicesWords);
  const most = Math.max(1, ...answer.edges.map((edge) => edge.now.requests));
  return (
    <div className="map-place" tabIndex={0} role="region" aria-label={words.map}>
      <svg
        className="map"
        viewBox={`0 0 ${placed.width} ${placed.height}`}
        style={{ minWidth: placed.width * SMALLEST, maxWidth: placed.width }}
      >
        {placed.lines.map(({ edge, path, labelX, labelY }) => (
          <g key={`${edge.from} ${edge.to}`} className="map-edge" data-bad={isBad(edge.now)}>
            <title>{`${edge.from} → ${edge.to}: ${summary(edge.now)}`}</title>
            <path d={path} strokeWidth={1 + 5 * Math.sqrt(edge.now.requests / most)} />
            <text x={labelX} y={labelY}>
              {formatShort(edge.now.requests)}
              {edge.now.errors > 0 && ` · ${formatPercent(edge.now.error_share)}`}
            </text>
          </g>
        ))}
        {placed.boxes.map(({ service, x, y }) => (
          <g
            key={service.name}
            className="map-box"
            data-type={service.type}
            data-bad={isBad(service.now)}
            data-chosen={service.name === chosen}
            transform={`translate(${x - BOX.width / 2} ${y - BOX.height / 2})`}
            onClick={() => onChoose(service.name)}
          >
            <rect
              role="button"
              tabIndex={0}
              aria-label={`${service.name}: ${summary(service.now)}`}
              width={BOX.width}
              height={BOX.height}
              rx={service.type === 'service' ? 10 : 26}
              onKeyDown={(event) => {
                if (event.key === 'Enter') onChoose(service.name);
              }}
            />
            {/* The name of the button says the same in words. */}
            <g aria-hidden="true" pointerEvents="none">
              <text x={BOX.width / 2} y={21} className="map-name">
                {shortName(service.name)}
              </text>
              <text x={BOX.width / 2} y={39} className="map-numbers">
                {shortSummary(service.now)}
              </text>
            </g>
          </g>
        ))}
      </svg>
    </div>
  );
}

const BAD_SHARE = 0.02;
const isBad = (numbers: Numbers): boolean => numbers.error_share > BAD_SHARE;

function shortName(name: string): string {
  const text = shown(name);
  return text.length > NAME_CHARACTERS ? `${text.slice(0, NAME_CHARACTERS - 1)}…` : text;
}

function shortSummary(now: Numbers): string {
  return [formatShort(now.requests), formatPercent(now.error_share), duration(now.p95_ms)].join(' · ');
}

function summary(now: Numbers): string {
  const words = say(servicesWords);
  const errors = `${formatPercent(now.error_share)} ${words.errors}`;
  return `${formatNumber(now.requests)} ${words.requests}, ${errors}, p95 ${duration(now.p95_ms)}`;
}

function place({ services, edges }: MapAnswer): Placed {
  const graph = new Layout<GraphLabel, NodeLabel, EdgeLabel>({ multigraph: false });
  graph.setGraph({ rankdir: 'LR', nodesep: 26, ranksep: 84, marginx: 16, marginy: 16 });
  for (const { name } of services) graph.setNode(name, { ...BOX });
  const known = new Set(services.map(({ name }) => name));
  const drawn = edges.filter((edge) => edge.from !== edge.to && known.has(edge.from) && known.has(edge.to));
  for (const edge of drawn) graph.setEdge(edge.from, edge.to, { width: 40, height: 16, labelpos: 'c' });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: services.map((service) => {
      const { x = 0, y = 0 } = graph.node(service.name);
      return { service, x, y };
    }),
    lines: drawn.map((edge) => {
      const { points = [], x = 0, y = 0 } = graph.edge(edge.from, edge.to);
      const path = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('');
      return { edge, path, labelX: x, labelY: y - 4 };
    }),
  };
}
