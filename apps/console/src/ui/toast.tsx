/** A short word about what was just done. It goes by itself; what matters stays on the page, not here. */
import type { ReactElement } from 'react';
import { TOAST_MS } from '../limits.js';
import { createStore, useStore } from './store.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'failed';
}

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

export function toast(text: string, kind: Toast['kind'] = 'done'): void {
  lastId += 1;
  const id = lastId;
  toasts.set([...toasts.get(), { id, text, kind }]);
  setTimeout(() => toasts.set(toasts.get().filter((each) => each.id !== id)), TOAST_MS);
}

export function Toasts(): ReactElement {
  return (
    <div className="toasts" role="status">
      {useStore(toasts).map((each) => (
        <p key={each.id} data-kind={each.kind}>
          {each.text}
        </p>
      ))}
    </div>
  );
}
