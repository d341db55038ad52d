/** A trend in a cell: bars without axes, read as a shape. */
import type { ReactElement } from 'react';

const HEIGHT = 20;

export function Spark({ values, label }: { values: readonly number[]; label: string }): ReactElement {
  const most = Math.max(1, ...values);
  return (
    <svg
      className="spark"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(1, values.length)} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      {values.map((value, index) => {
        const height = value === 0 ? 0.5 : Math.max(2, (value / most) * HEIGHT);
        // The place in the row is what a bar of a trend is.
        // oxlint-disable-next-line react/no-array-index-key
        return <rect key={index} x={index + 0.1} y={HEIGHT - height} width={0.8} height={height} />;
      })}
    </svg>
  );
}
