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
  type Rules,
} from '@sillok/record';
import { ACCESS_PATHS, accessEntry, accessText, type Access } from './access.js';
import { FieldEncoder } from './fields.js';
import { EMPTY_FRAGMENT, flatOf, type Fragment, type FragmentItem } from './fragment.js';
import type { PersonalFields } from './identity/sealing.js';
import { NO_IDS, spanIds, type RecordIds } from './ids.js';
import { FAST_LINE_CHARACTERS_MAX } from './limits.js';
import { activeOtelSpan } from './otel.js';
import type { Recorder } from './recorder.js';
import type { RecordRedaction } from './redaction.js';
import { currentScope, type Scope } from './scope.js';
import type { Entry } from './entry.js';
import { applyTo } from './rules.js';
import { prepareFields } from './prepare.js';

interface LineParts {
  readonly recorder: Recorder;
  readonly redaction: RecordRedaction | undefined;
  readonly personal?: PersonalFields | undefined;
  /** With them every record goes the slow way. */
  readonly rules?: Rules | undefined;
}

export class LineWriter {
  readonly encoder: FieldEncoder;
  readonly recorder: Recorder;
  readonly #redaction: RecordRedaction | undefined;
  readonly #personal: PersonalFields | undefined;
  readonly #rules: Rules | undefined;
  readonly #isAccessPlain: boolean;

  constructor({ recorder, redaction, personal, rules }: LineParts) {
    this.recorder = recorder;
    this.encoder = new FieldEncoder(redaction, personal?.covers);
    this.#redaction = redaction;
    this.#personal = personal;
    this.#rules = rules;
    this.#isAccessPlain =
      rules === undefined && !(personal !== undefined && ACCESS_PATHS.some(personal.covers));
  }

  /** Whether the record is in the file. Never throws. */
  write(entry: Entry): boolean {
    const { encoder } = this;
    const scope = entry.scope ?? currentScope();
    if (encoder.isBusy || this.#rules !== undefined) return this.#writeSlowly(entry, scope);
    const context = scope === undefined ? EMPTY_FRAGMENT : scope.fragmentFor(encoder);
    encoder.begin();
    if (entry.fields !== undefined) this.#addFields(entry.fields);
    encoder.join(entry.bindings);
    encoder.join(context);
    const ids = entry.ids ?? currentIds(scope);
    if (ids !== NO_IDS) encoder.addIds(ids);
    const tail = encoder.end();
    if (tail === undefined || tail.length + entry.message.length > FAST_LINE_CHARACTERS_MAX) {
      return this.#writeSlowly(entry, scope);
    }
    return this.recorder.write(entry.head.json + quote(encoder.cleanText(entry.message)) + tail);
  }

  /** The record of one answered request. Nearly always its fields are the same few, and are put down one by one. */
  writeAccess(access: Access): void {
    const { scope, extras } = access;
    const context = scope.fragmentFor(this.encoder);
    const isPlain =
      context.slow === undefined &&
      !context.items.some(hasPlace) &&
      access.error === undefined &&
      this.#isAccessPlain;
    const isOrdinary = isPlain && areApart(context, extras);
    const text = isOrdinary ? accessText(access, this.encoder) : undefined;
    if (text === undefined) {
      this.write(accessEntry(access));
      return;
    }
    const attributes = joined(extras.attributes, context.attributes);
    this.recorder.writeSoon(attributes === '' ? text + '}' : `${text},"attributes":{${attributes}}}`);
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
    const ids = entry.ids ?? currentIds(scope);
    const attributes = this.#attributesOf(entry, scope, ids);
    const { kind, level: given } = entry.head;
    const { message } = entry;
    const rules = this.#rules;
    const level = rules === undefined ? given : applyTo(rules, { kind, level: given, message, attributes });
    // Sealed texts are kept from the redactor, which must not mend what it cannot read.
    const sealed = this.#personal?.takeFrom(attributes);
    return this.recorder.writeWith((seq, time) => {
      const record: FlatRecord = { seq, time, kind, level, message };
      placeIds(record, attributes, ids);
      record.attributes = attributes;
      this.#redaction?.cleanRecord(record);
      if (sealed !== undefined) Object.assign(attributes, sealed);
      return withinLimits(encodeRecord(record));
    });
  }

  /** In the order in which the fast way writes them: what the call says stands first, and wins. */
  #attributesOf(entry: Entry, scope: Scope | undefined, ids: RecordIds): FlatAttributes {
    const attributes = emptyFlat();
    if (entry.fields !== undefined)
      Object.assign(attributes, flatten(prepareFields(entry.fields), NAMESPACE));
    addMissing(attributes, flatOf(entry.bindings));
    if (scope !== undefined) addMissing(attributes, flatten(scope.fields, NAMESPACE));
    placeValues(attributes, ids);
    return attributes;
  }
}

function addMissing(attributes: FlatAttributes, more: FlatAttributes): void {
  for (const path of Object.keys(more)) {
    const value = more[path];
    if (value !== undefined && !Object.hasOwn(attributes, path)) attributes[path] = value;
  }
}

/** A field of the context that may be one of the access record's own. */
function hasPlace({ entry }: FragmentItem): boolean {
  return entry.place >= 0;
}

/** Whether two fragments can be joined as texts: nothing in both, nothing that needs the slow way. */
function areApart(left: Fragment, right: Fragment): boolean {
  if (right === EMPTY_FRAGMENT || left === EMPTY_FRAGMENT) return right.slow === undefined;
  return (
    right.slow === undefined &&
    !right.items.some(({ entry }) => left.items.some((item) => item.entry === entry))
  );
}

function joined(left: string, right: string): string {
  if (left === '' || right === '') return left + right;
  return `${left},${right}`;
}

const NAMESPACE = { dots: 'namespace' } as const;

/** A field of that name which is no text is a field like any other, and takes no id away. */
function placeIds(record: FlatRecord, attributes: FlatAttributes, ids: RecordIds): void {
  ENVELOPE_IDS.forEach((id, place) => {
    const value = attributes[id];
    const known = ids.values[place];
    if (typeof value === 'string' && value !== '') {
      record[id] = value;
      delete attributes[id];
    } else if (known !== undefined) {
      record[id] = known;
    }
  });
}

/** OpenTelemetry's active span, else the request's place in its trace. */
function currentIds(scope: Scope | undefined): RecordIds {
  const span = activeOtelSpan();
  if (span === undefined) return scope?.ids ?? NO_IDS;
  return spanIds(span, scope?.ids ?? NO_IDS);
}

function placeValues(attributes: FlatAttributes, ids: RecordIds): void {
  ENVELOPE_IDS.forEach((name, place) => {
    const value = ids.values[place];
    if (value !== undefined && !Object.hasOwn(attributes, name)) attributes[name] = value;
  });
}

/** The parser applies every limit of a record; our own line cannot be rejected by it, only shortened. */
function withinLimits(line: string): string {
  const parsed = parseRecord(line, { encoding: 'flat' });
  return parsed.ok ? parsed.line : line;
}
