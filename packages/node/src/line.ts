/**
 * One record from its parts to the recorder: the fast way through `FieldEncoder`, and the slow way through
 * `@sillok/record` for everything that the fast one does not take on. Both write the same record.
 */
import {
  ENVELOPE_IDS,
  emptyFlat,
  encodeRecord,
  flatten,
  parseRecord,
  quote,
  type FlatAttributes,
  type FlatRecord,
  type Kind,
  type Level,
} from '@sillok/record';
import { EMPTY_FRAGMENT, FieldEncoder, flatOf, type Fragment } from './fields.js';
import { FAST_LINE_CHARACTERS_MAX } from './limits.js';
import { activeOtelSpan } from './otel.js';
import type { Recorder } from './recorder.js';
import type { RecordRedaction } from './redaction.js';
import { currentScope, type Scope } from './scope.js';
import { prepareFields } from './prepare.js';

/** Kind and level as they stand in the line. Made once per pair. */
export interface Head {
  readonly kind: Kind;
  readonly level: Level;
  readonly json: string;
}

export function makeHead(kind: Kind, level: Level): Head {
  return { kind, level, json: `"kind":"${kind}","level":"${level}","message":` };
}

export interface Entry {
  readonly head: Head;
  readonly message: string;
  readonly fields: object | undefined;
  readonly bindings: Fragment;
  /** The context to use instead of the current one. */
  readonly scope?: Scope | undefined;
}

export class LineWriter {
  readonly encoder: FieldEncoder;
  readonly recorder: Recorder;
  readonly #redaction: RecordRedaction | undefined;

  constructor(recorder: Recorder, redaction: RecordRedaction | undefined) {
    this.recorder = recorder;
    this.encoder = new FieldEncoder(redaction);
    this.#redaction = redaction;
  }

  /** Whether the record is in the file. Never throws. */
  write(entry: Entry): boolean {
    const { encoder } = this;
    const scope = entry.scope ?? currentScope();
    if (encoder.isBusy) return this.#writeSlowly(entry, scope);
    const context = scope === undefined ? EMPTY_FRAGMENT : scope.fragmentFor(encoder);
    encoder.begin();
    if (entry.fields !== undefined) this.#addFields(entry.fields);
    encoder.join(entry.bindings);
    const span = activeOtelSpan();
    if (span !== undefined) encoder.addIds(span.traceId, span.spanId);
    encoder.join(context);
    const tail = encoder.end();
    if (tail === undefined || tail.length + entry.message.length > FAST_LINE_CHARACTERS_MAX) {
      return this.#writeSlowly(entry, scope);
    }
    return this.recorder.write(entry.head.json + quote(encoder.cleanText(entry.message)) + tail);
  }

  #addFields(fields: object): void {
    const { encoder } = this;
    encoder.add(fields);
    if (!encoder.needsPreparing) return;
    const prepared = prepareFields(fields);
    encoder.begin();
    encoder.add(prepared);
  }

  #writeSlowly(entry: Entry, scope: Scope | undefined): boolean {
    const attributes = emptyFlat();
    if (scope !== undefined) Object.assign(attributes, flatten({ ...scope.fields, ...scope.ids }, NAMESPACE));
    const span = activeOtelSpan();
    if (span !== undefined) Object.assign(attributes, { trace_id: span.traceId, span_id: span.spanId });
    Object.assign(attributes, flatOf(entry.bindings));
    if (entry.fields !== undefined) Object.assign(attributes, flatten(prepareFields(entry.fields), NAMESPACE));
    const { kind, level } = entry.head;
    return this.recorder.writeWith((seq, time) => {
      const record: FlatRecord = { seq, time, kind, level, message: entry.message };
      placeIds(record, attributes);
      record.attributes = attributes;
      this.#redaction?.cleanRecord(record);
      return withinLimits(encodeRecord(record));
    });
  }
}

const NAMESPACE = { dots: 'namespace' } as const;

function placeIds(record: FlatRecord, attributes: FlatAttributes): void {
  for (const id of ENVELOPE_IDS) {
    const value = attributes[id];
    if (typeof value !== 'string' || value === '') continue;
    record[id] = value;
    delete attributes[id];
  }
}

/** The parser applies every limit of a record; our own line cannot be rejected by it, only shortened. */
function withinLimits(line: string): string {
  const parsed = parseRecord(line, { encoding: 'flat' });
  return parsed.ok ? parsed.line : line;
}
