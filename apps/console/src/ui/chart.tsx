/** A chart on a canvas (uPlot), in the colours of the page. Its style sheet is a file of ours: nothing is inline. */
import { useEffect, useRef, type ReactElement } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly label: string;
  readonly x: readonly number[];
  readonly series: readonly Series[];
  /** Names of the places on the x axis, when it is no time. */
  readonly names?: readonly string[];
  readonly height?: number;
}

const HUES = [165, 205, 30, 350, 275, 95, 50, 320];

export function Chart({ label, x, series, names, height = 280 }: ChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    const styles = getComputedStyle(host);
    const [soft, line] = [styles.getPropertyValue('color'), styles.getPropertyValue('border-color')];
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
    const bars = names === undefined ? undefined : uPlot.paths.bars?.({ size: [0.7, 60] });
    const plot = new uPlot(
      {
        ...{ width: host.clientWidth, height, legend: { live: true } },
        scales: { x: { time: names === undefined } },
        axes: [
          names === undefined
            ? axis
            : { ...axis, values: (_plot, at) => at.map((place) => names[place] ?? '') },
          { ...axis, size: 64 },
        ],
        series: [
          {},
          ...series.map(({ name }, index) => {
            const hue = HUES[index % HUES.length] ?? 0;
            const stroke = `hsl(${hue} 55% 45%)`;
            const fill = `hsl(${hue} 55% 50% / ${bars === undefined ? 12 : 70}%)`;
            return { label: name, stroke, fill, width: 1.6, ...(bars === undefined ? {} : { paths: bars }) };
          }),
        ],
      },
      [[...x], ...series.map(({ values }) => [...values])],
      host,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height }));
    watcher.observe(host);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [x, series, names, height]);
  return <div className="chart" ref={place} role="img" aria-label={label} />;
}
