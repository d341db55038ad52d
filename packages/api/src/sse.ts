/**
 * Reads a stream of server-sent events, as the HTML standard defines it: fields until an empty line, `data` lines
 * joined by newlines, `id` kept for the reconnect, comments ignored. Bytes may be cut anywhere.
 */
import { EVENT_CHARS_MAX } from './limits.js';

export interface ServerEvent {
  /** `message` when the server named none. */
  readonly event: string;
  readonly data: string;
  /** The last id that was sent up to this event. */
  readonly id: string;
}

export interface SseParser {
  /** The events that these bytes completed. Throws when a line is longer than EVENT_CHARS_MAX. */
  push(bytes: Uint8Array): ServerEvent[];
  /** The last id seen: what `Last-Event-ID` is sent with. */
  readonly lastEventId: string;
  /** The pause that the server asked for, if it did. */
  readonly retryMs: number | undefined;
}

interface State {
  id: string;
  retryMs: number | undefined;
  event: string;
  data: string[];
}

export function createSseParser(lastEventId = ''): SseParser {
  const decoder = new TextDecoder();
  const state: State = { id: lastEventId, retryMs: undefined, event: '', data: [] };
  let rest = '';

  function finish(): ServerEvent | undefined {
    const { event, data } = state;
    state.event = '';
    state.data = [];
    return data.length === 0 ? undefined : { event: event || 'message', data: data.join('\n'), id: state.id };
  }

  function field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') state.data.push(value);
    else if (name === 'event') state.event = value;
    else if (name === 'id' && !value.includes('\0')) state.id = value;
    else if (name === 'retry') state.retryMs = parseRetry(value) ?? state.retryMs;
  }

  return {
    push(bytes) {
      rest += decoder.decode(bytes, { stream: true });
      if (rest.length > EVENT_CHARS_MAX)
        throw new RangeError('an event of the stream is larger than the limit');
      const events: ServerEvent[] = [];
      // A lone CR at the very end may be half of a CRLF, so it waits for the next bytes.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line !== '') {
          field(line);
          continue;
        }
        const event = finish();
        if (event) events.push(event);
      }
      return events;
    },
    get lastEventId() {
      return state.id;
    },
    get retryMs() {
      return state.retryMs;
    },
  };
}

function parseRetry(value: string): number | undefined {
  return /^\d+$/.test(value) ? Number(value) : undefined;
}
