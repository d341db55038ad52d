/** Icons as strokes on a 24 × 24 grid: no font, no sprite, no request. */
import type { ReactElement } from 'react';

const PATHS = {
  alerts: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  audit: 'M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3',
  chart: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-7',
  check: 'M5 12l5 5L20 7',
  chevron: 'M9 6l6 6-6 6',
  clock: 'M12 7v5l3 3M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  dashboard: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  endpoint: 'M4 12h10M10 7l5 5-5 5M19 5v14',
  errors: 'M12 3l9 16H3zM12 10v4M12 17v.5',
  filter: 'M4 5h16l-6 8v6l-4-2v-4z',
  find: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20c0-4 3-6 6-6M17 19a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM19.5 18.5L22 21',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  keyboard: 'M3 6h18v12H3zM7 10h.5M11 10h.5M15 10h.5M7 14h10',
  keys: 'M14 10a4 4 0 1 0-4 4l1-1h2v-2h2zM14 10l6 6v4h-4l-2-2M8 10h.5',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  live: 'M12 12h.5M8 16a6 6 0 0 1 0-8M16 8a6 6 0 0 1 0 8M5 19a10 10 0 0 1 0-14M19 5a10 10 0 0 1 0 14',
  map: 'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 13a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 6l7 3.5M6.5 8l1 8M16 12.5l-6 4.5',
  menu: 'M4 7h16M4 12h16M4 17h16',
  minus: 'M5 12h14',
  moon: 'M19 14A8 8 0 0 1 10 5a8 8 0 1 0 9 9z',
  patterns: 'M4 6h10M4 12h16M4 18h7M17 6h3M14 18h6',
  pause: 'M8 5v14M16 5v14',
  people: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20c0-4 3-6 6-6s6 2 6 6M16 4a4 4 0 0 1 0 7M18 14c2 1 3 3 3 6',
  play: 'M7 5l12 7-12 7z',
  plus: 'M12 5v14M5 12h14',
  reports: 'M5 3h14v18H5zM9 16v-3M12 16V9M15 16v-5',
  retries: 'M20 6v5h-5M4 18v-5h5M19 11a7 7 0 0 0-12-4M5 13a7 7 0 0 0 12 4',
  route:
    'M6 20a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM18 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM8.500 17.500H14a3 3 0 0 0 0-6h-4a3 3 0 0 1 0-6h5.500',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  share: 'M12 15V4M8 8l4-4 4 4M5 13v7h14v-7',
  sql: 'M4 6c0-4 16-4 16 0s-16 4-16 0zM4 6v12c0 4 16 4 16 0V6M4 12c0 4 16 4 16 0',
  star: 'M12 4l2.500 5.200 5.500.8-4 4 1 5.700-5-2.700-5 2.700 1-5.700-4-4 5.500-.8z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5',
  trace: 'M4 6h8M8 12h9M12 18h8',
  why: 'M5 7h6M5 12h6M5 17h6M15 5v14M19 9v10',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }): ReactElement {
  return (
    <svg
      className={filled ? 'icon filled' : 'icon'}
      viewBox="0 0 24 24"
      width="18"
      height="18"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
