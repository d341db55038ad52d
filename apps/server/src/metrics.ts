/**
 * Counters and gauges of the server in Prometheus' text form. A room asks for its counter once and adds to it; gauges are
 * read when `/metrics` is asked for, so that they cost nothing otherwise.
 */

export interface Counter {
  add(count?: number): void;
  readonly value: number;
}

export interface Metrics {
  /** The same name and labels give the same counter. Names end in `_total`. */
  counter(name: string, help: string, labels?: Labels): Counter;
  gauge(name: string, help: string, read: () => number | readonly GaugeValue[]): void;
  /** Values whose labels `isShown` does not let through are left out. */
  render(isShown?: (labels: Labels) => boolean): string;
}

export type Labels = Readonly<Record<string, string>>;
export interface GaugeValue {
  readonly labels: Labels;
  readonly value: number;
}

interface Family {
  readonly help: string;
  readonly counters: Map<string, { value: number; add(count?: number): void }>;
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const gauges = new Map<string, { help: string; read: () => number | readonly GaugeValue[] }>();

  function counter(name: string, help: string, labels: Labels = {}): Counter {
    const family = families.get(name) ?? { help, counters: new Map() };
    families.set(name, family);
    const key = formatLabels(labels);
    const known = family.counters.get(key);
    if (known !== undefined) return known;
    const created = {
      value: 0,
      add(count = 1) {
        created.value += count;
      },
    };
    family.counters.set(key, created);
    return created;
  }

  function render(isShown: (labels: Labels) => boolean = () => true): string {
    const lines: string[] = [];
    for (const [name, family] of families) {
      lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} counter`);
      for (const [labels, { value }] of family.counters) lines.push(`${name}${labels} ${value}`);
    }
    for (const [name, { help, read }] of gauges) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
      const values = read();
      const list = typeof values === 'number' ? [{ labels: {}, value: values }] : values;
      for (const { labels, value } of list) {
        if (isShown(labels)) lines.push(`${name}${formatLabels(labels)} ${value}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  return { counter, gauge: (name, help, read) => void gauges.set(name, { help, read }), render };
}

function formatLabels(labels: Labels): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
