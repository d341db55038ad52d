/**
 * Fields → text of a line, in one pass: the hot path of `log.info({…})`.
 *
 * Bindings of child loggers and contexts of requests are encoded once, as a `Fragment`, and their text is joined to
 * that of each record. A key that stands in two of them appears once: the call wins over bindings, bindings over
 * the request. To see that without building sets, writing a path stamps its entry with the number of the record;
 * a fragment none of whose entries bears the stamp is joined whole.
 *
 * What is rare goes another way: keys that read as integers, objects too wide or too deep, getters that throw.
 * Then `end` answers undefined, and the record is flattened and encoded by `@sillok/record`, total and slower.
 * `fields.fuzz.ts` holds both ways to the same answer.
 */
import { encodeText, ID_BYTES_MAX, quote, readsAsJson } from '@sillok/record';
import { emptyDraft, NOTHING, OPEN_TEXT, VALUE, type Draft } from './draft.js';
import { EMPTY_FRAGMENT, slowFragment, type Fragment, type FragmentItem } from './fragment.js';
import type { RecordIds } from './ids.js';
import { CARD_NUMBER_MIN, FAST_DEPTH_MAX, FAST_FIELDS_MAX, PATTERN_CHARACTERS_MIN } from './limits.js';
import { listJson, type ListRules } from './lists.js';
import { ID_PLACES, PLACES, PathTable, type IsSensitive, type KeyNode, type PathEntry } from './paths.js';
import { isError } from './serializers.js';
import { ALL_WRITTEN, ShapeTable } from './shapes.js';
import { fits, hasAny, isPlain, numberJson } from './values.js';

export interface Redaction {
  readonly isSensitive: IsSensitive;
  /** Text without secrets; the same text when there are none. */
  readonly cleanText: (text: string) => string;
  /** What stands for a value that is never written. */
  readonly censor: string;
}

/** UTF-8 needs at most this for one UTF-16 unit. */
const UTF8_PER_UNIT = 3;
const ID_MASK = (1 << ID_PLACES) - 1;
const PLACE_JSON = PLACES.map(({ json }) => json);

export class FieldEncoder {
  readonly #redaction: Redaction | undefined;
  readonly #paths: PathTable;
  readonly #shapes: ShapeTable;
  readonly #censorJson: string;
  readonly #lists: ListRules;
  #stamp = 0;
  #draft = emptyDraft();
  #slow = false;
  #isBusy = false;
  /** Some field has to be evaluated or serialized first: a function, an error. */
  needsPreparing = false;
  /** Bits of the places taken; their values are in `#placed`, or all in one fragment (`#whole`). */
  #mask = 0;
  #whole: Fragment | undefined;
  #ids = '';
  readonly #placed: string[] = PLACES.map(() => '');
  /** Set while a fragment is being made. */
  #items: FragmentItem[] | undefined;

  constructor(redaction: Redaction | undefined, isPersonal: IsSensitive = () => false) {
    this.#redaction = redaction;
    this.#paths = new PathTable(redaction?.isSensitive ?? (() => false), isPersonal);
    this.#censorJson = quote(redaction?.censor ?? '');
    this.#lists = {
      clean: (text) => this.cleanText(text),
      isPlainNumber: (value) => this.#isPlainNumber(value),
      isSensitive: redaction?.isSensitive ?? (() => false),
    };
    this.#shapes = new ShapeTable(this.#paths.root, {
      isNumber: (value) => this.#isPlainNumber(value),
      raw: (text) => this.#rawText(text),
      any: (node, value, draft) => this.#value(node, value, draft),
    });
  }

  /**
   * Encodes fields that will be part of many records, over those of `base`. What they hold is copied: later changes
   * do not show.
   */
  fragment(fields: object, base: Fragment = EMPTY_FRAGMENT): Fragment {
    if (this.#isBusy) return slowFragment(fields, base);
    this.begin();
    const items: FragmentItem[] = [];
    this.#items = items;
    this.add(fields);
    this.join(base);
    this.#items = undefined;
    if (this.#slow || this.needsPreparing) return slowFragment(fields, base);
    const placed = this.#placedText();
    return { items, attributes: this.#closedText(), placed, mask: this.#mask, slow: undefined };
  }

  /** Texts that were checked and go in as they are: ids must not be taken for a card's number. */
  exactFragment(fields: readonly (readonly [path: string, text: string])[]): Fragment {
    const items: FragmentItem[] = [];
    for (const [path, text] of fields) {
      const { root } = this.#paths;
      const node = root.children.get(path) ?? this.#paths.add(root, path);
      if (node === undefined) return slowFragment(Object.fromEntries(fields), EMPTY_FRAGMENT);
      items.push({ entry: node.entry, json: encodeText(text), placed: false });
    }
    const attributes = items.map(({ entry, json }) => entry.before[NOTHING] + json).join(',');
    return { ...EMPTY_FRAGMENT, items, attributes };
  }

  /** A getter of the host is running, and what it logs cannot be encoded here. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Starts a record. One at a time. */
  begin(): void {
    this.#stamp += 1;
    this.#draft = emptyDraft();
    this.#slow = false;
    this.needsPreparing = false;
    this.#mask = 0;
    this.#whole = undefined;
    this.#ids = '';
  }

  /** Adds the fields of the call, which must come before the fragments. */
  add(fields: object): void {
    this.#isBusy = true;
    try {
      if (this.#items === undefined) this.#addByShape(fields);
      else this.#walk(fields, this.#paths.root, this.#draft);
    } catch {
      // A getter of the host threw. The slow way keeps the other fields and says so.
      this.#slow = true;
    }
    this.#isBusy = false;
  }

  #addByShape(fields: object): void {
    const shape = this.#shapes.find(fields);
    if (shape?.code !== undefined) {
      const leaf = shape.code(fields, this.#draft, this.#stamp);
      if (leaf === ALL_WRITTEN) return;
      this.#shapes.loosen(shape, leaf);
      this.begin();
    }
    this.#walk(fields, this.#paths.root, this.#draft);
    if (!this.#slow && !this.needsPreparing) this.#shapes.learn(fields, shape);
  }

  /** Adds the ids of the request, last: what the call, the bindings and the context name themselves goes before. */
  addIds(ids: RecordIds): void {
    if ((this.#mask & ID_MASK) === 0) {
      this.#ids = ids.text;
      this.#mask |= ids.mask;
      return;
    }
    for (let place = 0; place < ids.values.length; place += 1) {
      const value = ids.values[place];
      if (value !== undefined && (this.#mask & (1 << place)) === 0) this.#place(place, quote(value));
    }
  }

  /** Adds fields encoded before; those whose path is there already are left out. */
  join(fragment: Fragment): void {
    const { items } = fragment;
    if (fragment.slow !== undefined) this.#slow = true;
    if (items.length === 0) return;
    const draft = this.#draft;
    draft.count += items.length;
    const stamp = this.#stamp;
    for (const item of items) {
      if (item.entry.stamp === stamp) return this.#joinSingly(items);
    }
    for (const item of items) item.entry.stamp = stamp;
    this.#items?.push(...items);
    if (fragment.attributes !== '') {
      const text = this.#closedText();
      draft.text = text === '' ? fragment.attributes : `${text},${fragment.attributes}`;
      draft.tail = VALUE;
    }
    if (fragment.mask !== 0) this.#joinPlaced(fragment);
  }

  /** What follows the message in the line, its closing brace included. `undefined`: take the slow way. */
  end(): string | undefined {
    if (this.#slow || this.#draft.count > FAST_FIELDS_MAX) return undefined;
    const placed = this.#placedText();
    const text = this.#closedText();
    return text === '' ? `${placed}}` : `${placed},"attributes":{${text}}}`;
  }

  /** Without secrets, when redaction by pattern is on. */
  cleanText(text: string): string {
    if (this.#redaction === undefined || text.length < PATTERN_CHARACTERS_MIN) return text;
    return this.#redaction.cleanText(text);
  }

  #closedText(): string {
    const { tail, text } = this.#draft;
    return tail === OPEN_TEXT ? `${text}"` : text;
  }

  #joinSingly(items: readonly FragmentItem[]): void {
    for (const item of items) {
      const { entry, json, placed } = item;
      if (entry.stamp === this.#stamp) continue;
      entry.stamp = this.#stamp;
      this.#items?.push(item);
      if (placed) this.#place(entry.place, json);
      else this.#append(entry, json);
    }
  }

  #append(entry: PathEntry, json: string): void {
    const draft = this.#draft;
    draft.text = draft.text + entry.before[draft.tail] + json;
    draft.tail = VALUE;
  }

  #joinPlaced(fragment: Fragment): void {
    if (this.#mask === 0) {
      this.#whole = fragment;
      this.#mask = fragment.mask;
      return;
    }
    for (const { entry, json, placed } of fragment.items) if (placed) this.#place(entry.place, json);
  }

  #placedText(): string {
    if (this.#mask === 0) return '';
    if (this.#whole !== undefined) return this.#ids + this.#whole.placed;
    // Ids come before all other places, and all come from one source or are placed one by one.
    let text = this.#ids;
    const first = text === '' ? 0 : ID_PLACES;
    if (this.#mask >>> first === 0) return text;
    for (let index = first; index < PLACES.length; index += 1) {
      if ((this.#mask & (1 << index)) !== 0) text += (PLACE_JSON[index] ?? '') + (this.#placed[index] ?? '');
    }
    return text;
  }

  #place(place: number, json: string): void {
    if (this.#whole !== undefined) {
      const whole = this.#whole;
      this.#whole = undefined;
      for (const item of whole.items) if (item.placed) this.#placed[item.entry.place] = item.json;
    }
    this.#mask |= 1 << place;
    this.#placed[place] = json;
  }

  // Recursion is bounded by FAST_DEPTH_MAX.
  #walk(object: object, parent: KeyNode, draft: Draft): void {
    let guess = parent.first;
    let before: KeyNode | undefined;
    for (const key in object) {
      let node = guess;
      if (node === undefined || node.key !== key) {
        if (!Object.hasOwn(object, key)) continue;
        node = parent.children.get(key) ?? this.#paths.add(parent, key);
        if (node === undefined) {
          this.#slow = true;
          return;
        }
        if (before === undefined) parent.first = node;
        else before.next = node;
      }
      before = node;
      guess = node.next;
      if (node.prefixes !== undefined && hasAny(object, node.prefixes)) this.#slow = true;
      const value: unknown = (object as Record<string, unknown>)[key]; // a key of its own
      this.#value(node, value, draft);
    }
  }

  #value(node: KeyNode, value: unknown, draft: Draft): void {
    if (node.entry.personal) this.#slow = true;
    switch (typeof value) {
      case 'string':
        return this.#string(node.entry, value, draft);
      case 'number':
        return this.#number(node.entry, value, draft);
      case 'boolean':
        return this.#write(node.entry, value ? 'true' : 'false', draft);
      case 'object':
        if (value === null) return this.#write(node.entry, '"null"', draft);
        return this.#object(node, value, draft);
      case 'bigint':
        this.#slow = true;
        return undefined;
      case 'function':
        if (draft.depth === 1) this.needsPreparing = true;
        else if (node.key === 'toJSON') this.#slow = true;
        return undefined;
      default:
        // JSON leaves out undefined and symbols, and functions below the first level.
        return undefined;
    }
  }

  #object(node: KeyNode, value: object, draft: Draft): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return this.#leaf(node.entry, value, draft);
    if (draft.depth >= FAST_DEPTH_MAX) {
      this.#slow = true;
      return;
    }
    const before = draft.count;
    draft.depth += 1;
    this.#walk(value, node, draft);
    draft.depth -= 1;
    if (draft.count === before)
      this.#write(node.entry, node.entry.sensitive ? this.#censorJson : '{}', draft);
  }

  /** Lists of scalars and dates have a short way; other objects are left to `flatten`. */
  #leaf(entry: PathEntry, value: object, draft: Draft): void {
    if (Array.isArray(value)) {
      const json = listJson(entry.path, value, this.#lists);
      if (json === undefined || entry.sensitive) this.#slow = true;
      else this.#write(entry, json, draft);
    } else if (value instanceof Date && !Number.isNaN(value.getTime())) {
      this.#string(entry, value.toISOString(), draft);
    } else if (draft.depth === 1 && isError(value)) {
      this.needsPreparing = true;
    } else {
      this.#slow = true;
    }
  }

  #number(entry: PathEntry, value: number, draft: Draft): void {
    if (entry.sensitive) return this.#write(entry, this.#censorJson, draft);
    if (!this.#isPlainNumber(value)) {
      this.#slow = true;
    } else if (entry.place >= 0 && fits(entry.place, value)) {
      this.#writePlaced(entry, numberJson(value));
    } else {
      this.#write(entry, numberJson(value), draft);
    }
  }

  /** Neither NaN nor infinite, nor so large that it may be a card's number. */
  #isPlainNumber(value: unknown): boolean {
    if (!Number.isFinite(value)) return false;
    return this.#redaction === undefined || Number(value) < CARD_NUMBER_MIN;
  }

  #string(entry: PathEntry, value: string, draft: Draft): void {
    if (entry.sensitive && value !== '') return this.#write(entry, this.#censorJson, draft);
    if (entry.place >= 0) return this.#placedString(entry, value);
    const text = this.cleanText(value);
    if (this.#items !== undefined || readsAsJson(text) || !isPlain(text)) {
      return this.#write(entry, encodeText(text), draft);
    }
    entry.stamp = this.#stamp;
    draft.count += 1;
    draft.text = draft.text + entry.beforeText[draft.tail] + text;
    draft.tail = OPEN_TEXT;
  }

  /** The JSON of a text under `attributes`, without its quotes. */
  #rawText(value: string): string {
    const text = this.cleanText(value);
    return readsAsJson(text) || !isPlain(text) ? encodeText(text).slice(1, -1) : text;
  }

  #placedString(entry: PathEntry, value: string): void {
    // Ids are what they are: half of one would lead nowhere.
    const text = entry.place < ID_PLACES ? value : this.cleanText(value);
    // A long id meets a limit of the record, which `@sillok/record` applies.
    if (entry.place < ID_PLACES && text.length * UTF8_PER_UNIT > ID_BYTES_MAX) this.#slow = true;
    if (fits(entry.place, text)) this.#writePlaced(entry, quote(text));
    else this.#write(entry, encodeText(text), this.#draft);
  }

  #write(entry: PathEntry, json: string, draft: Draft): void {
    entry.stamp = this.#stamp;
    draft.count += 1;
    draft.text = draft.text + entry.before[draft.tail] + json;
    draft.tail = VALUE;
    if (this.#items !== undefined) this.#items.push({ entry, json, placed: false });
  }

  #writePlaced(entry: PathEntry, json: string): void {
    this.#draft.count += 1;
    entry.stamp = this.#stamp;
    this.#place(entry.place, json);
    this.#items?.push({ entry, json, placed: true });
  }
}
