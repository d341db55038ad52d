/**
 * The change of a log's signing key: a signed note that the key before and the key after both sign, so that whoever trusts the
 * one may trust the other, and nobody can bring in a key that the one before did not name.
 *
 *     sillok-1f2e/key-change
 *     from NAME+ID+BASE64
 *     to NAME+ID+BASE64
 *     time 2026-11-21T10:00:00Z
 *
 * The log keeps its name, so its origin stays what it was. A key that names two followers is not followed at all: one of them
 * is somebody else's.
 */
import { KEY_CHANGES_MAX } from './limits.js';
import { openNote, signNote, splitNotes, tryVerifier, type NoteSigner, type NoteVerifier } from './note.js';

export interface KeyChain {
  /** All keys that are trusted, the newest of each log last. */
  readonly verifiers: readonly NoteVerifier[];
  /** Those that no other has replaced: what is signed today is signed by one of them. */
  readonly newest: readonly NoteVerifier[];
  /** Changes that were not followed though they speak of a trusted key, and why. */
  readonly problems: readonly string[];
}

interface KeyChange {
  readonly from: NoteVerifier;
  readonly to: NoteVerifier;
}

const TITLE = '/key-change';

export function signKeyChange(before: NoteSigner, after: NoteSigner, time: string): string {
  const lines = [`${before.name}${TITLE}`, `from ${before.verifier}`, `to ${after.verifier}`, `time ${time}`];
  return signNote(lines.map((line) => `${line}\n`).join(''), before, after);
}

export function isKeyChange(note: string): boolean {
  return note.split('\n', 1)[0]?.endsWith(TITLE) ?? false;
}

/**
 * What a file of trust says: verifier lines, and changes of the key beneath them. Of `told`, which may come from anybody, only
 * changes count: they prove themselves by the key before.
 */
export function trustedKeys(text: string, told: string = ''): KeyChain {
  const held = text.split('\n').flatMap((line) => tryVerifier(line) ?? []);
  const notes = [text, told].flatMap(splitNotes).map(fromTitle);
  return followKeyChanges(held, notes.filter(isKeyChange));
}

/** A note behind a verifier line without an empty line between them. */
function fromTitle(note: string): string {
  const lines = note.split('\n');
  return lines
    .slice(
      Math.max(
        0,
        lines.findIndex((line) => line.endsWith(TITLE)),
      ),
    )
    .join('\n');
}

/** From the keys that somebody holds over the changes that he was shown. `notes`: in any order, repeated ones count once. */
export function followKeyChanges(held: readonly NoteVerifier[], notes: readonly string[]): KeyChain {
  const problems: string[] = [];
  const verifiers = [...held];
  const names = new Set(held.map(({ name }) => name));
  const changes: KeyChange[] = [];
  for (const note of notes.slice(0, KEY_CHANGES_MAX)) {
    const change = readKeyChange(note);
    if (typeof change !== 'string') changes.push(change);
    else if (names.has(note.split('/', 1)[0] ?? '')) problems.push(change);
  }
  // What is added at the end is looked at in its turn: the loop ends because each key is added once.
  for (const verifier of verifiers) {
    const next = changes.filter(({ from }) => isSame(from, verifier)).map(({ to }) => to);
    const [first, ...others] = next;
    if (first === undefined) continue;
    if (others.some((other) => !isSame(other, first))) {
      problems.push(
        `the key ${verifier.name} ${verifier.id.toString('hex')} was replaced by two different keys`,
      );
    } else if (!verifiers.some((known) => isSame(known, first))) verifiers.push(first);
  }
  const newest = verifiers.filter((each) => !changes.some(({ from }) => isSame(from, each)));
  return { verifiers, newest, problems };
}

/** A sentence when both keys did not sign it, or when it would give the log another name. */
function readKeyChange(note: string): KeyChange | string {
  const [title = '', fromLine = '', toLine = ''] = note.split('\n', 3);
  const from = tryVerifier(after(fromLine, 'from '));
  const to = tryVerifier(after(toLine, 'to '));
  if (from === undefined || to === undefined) return 'a change of the key does not name two keys';
  const isOwn = title === `${from.name}${TITLE}` && to.name === from.name;
  if (!isOwn || from.type !== 'log' || to.type !== 'log')
    return `a change of the key of ${from.name} names another log`;
  for (const verifier of [from, to]) {
    const opened = openNote(note, [verifier]);
    if (!opened.ok) return `a change of the key of ${from.name} does not hold: ${opened.reason}`;
  }
  return { from, to };
}

function after(line: string, word: string): string {
  return line.startsWith(word) ? line.slice(word.length) : '';
}

/** By the whole key: its id has four bytes, and somebody can look for another key with the same ones. */
function isSame(one: NoteVerifier, other: NoteVerifier): boolean {
  return one.name === other.name && one.key.equals(other.key);
}
