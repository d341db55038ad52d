/**
 * Lines as container runtimes wrap them: Docker's json-file driver and the CRI format of Kubernetes.
 *
 * Both add a time and the name of the stream, and both cut what a program wrote in one piece at 16 KiB: Docker leaves
 * out the line end, CRI says `P`. The parts of one stream are joined again in fold.ts.
 */

export interface Unwrapped {
  readonly text: string;
  /** When the runtime took the line; absent for a line that no runtime wrapped. */
  readonly time?: string;
  readonly stream: string;
  /** More of the same line follows in the next one of this stream. */
  readonly partial: boolean;
}

const CRI = /^(\d{4}-\d{2}-\d{2}T\S{8,35}) (stdout|stderr) ([FP])(?::\S*)? ?(.*)$/s;

export function unwrapLine(line: string): Unwrapped {
  if (line.startsWith('{"log":"') && line.endsWith('}')) {
    const docker = tryDocker(line);
    if (docker) return docker;
  }
  const cri = CRI.exec(line);
  if (!cri) return { text: line, stream: '', partial: false };
  const [, time = '', stream = '', flag, text = ''] = cri;
  return { text, time, stream, partial: flag === 'P' };
}

function tryDocker(line: string): Unwrapped | undefined {
  try {
    const value: { readonly [key: string]: unknown } = JSON.parse(line);
    const { log, stream, time } = value;
    if (typeof log !== 'string' || typeof stream !== 'string' || typeof time !== 'string') return undefined;
    const ended = log.endsWith('\n');
    const text = ended ? log.slice(0, log.endsWith('\r\n') ? -2 : -1) : log;
    return { text, time, stream, partial: !ended };
  } catch {
    return undefined;
  }
}
