/**
 * Keys of the keyboard: each part of a page says what it listens to, and the help sheet (`?`) lists what is there now.
 * A key pressed inside a field belongs to the field, except Escape.
 */
import { useEffect, useRef, type ReactElement } from 'react';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { Dialog } from './dialog.js';
import { createStore, useStore } from './store.js';

export interface Key {
  /** As `KeyboardEvent.key` says it, or two after another: `g s`. */
  readonly keys: string;
  readonly label: string;
  readonly act: () => void;
  /** Where it says no, the key is the browser's. */
  readonly when?: () => boolean;
}

const listening = createStore<readonly Key[]>([]);
const sheetOpen = createStore(false);
let first: string | undefined;

export function useKeys(keys: readonly Key[]): void {
  const current = useRef(keys);
  current.current = keys;
  const names = keys.map((key) => `${key.keys} ${key.label}`).join('\n');
  useEffect(() => {
    const mine: Key[] = current.current.map((key, index) => ({
      ...key,
      act: () => current.current[index]?.act(),
      when: () => current.current[index]?.when?.() ?? true,
    }));
    listening.set([...listening.get(), ...mine]);
    return () => listening.set(listening.get().filter((key) => !mine.includes(key)));
  }, [names]);
}

/** Once, by the frame. */
export function useKeyboard(): void {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

export const openKeySheet = (): void => sheetOpen.set(true);

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // An open dialog has the keyboard for itself; Escape closes it, and nothing behind it.
  if (document.querySelector('dialog[open]') !== null) return;
  if (event.key !== 'Escape' && isField(event.composedPath()[0])) return;
  if (event.key === '?') {
    event.preventDefault();
    return openKeySheet();
  }
  const pressed = first === undefined ? event.key : `${first} ${event.key}`;
  first = undefined;
  const key = listening.get().findLast((each) => each.keys === pressed);
  if (key !== undefined) {
    if (key.when?.() === false) return;
    event.preventDefault();
    return key.act();
  }
  if (listening.get().some((each) => each.keys.startsWith(`${event.key} `))) first = event.key;
}

function isField(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function KeySheet(): ReactElement | null {
  const open = useStore(sheetOpen);
  const keys = useStore(listening);
  const words = say(frameWords);
  if (!open) return null;
  return (
    <Dialog title={words.keys} onClose={() => sheetOpen.set(false)}>
      <dl className="key-sheet">
        {keys.map((key) => (
          <div key={`${key.keys} ${key.label}`}>
            <dt>
              {key.keys.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{key.label}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{words.keys}</dd>
        </div>
      </dl>
    </Dialog>
  );
}
