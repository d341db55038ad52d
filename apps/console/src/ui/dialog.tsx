/** A dialog over the page, and the question before something that cannot be undone. */
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { Icon } from './icon.js';
import { createStore, useStore } from './store.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

export function Dialog({ title, onClose, children, wide = false }: DialogProps): ReactElement {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    if (dialog?.open === false) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={place}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        // Only the backdrop is the dialog itself; what is inside has elements of its own.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-inner">
        <header className="dialog-head">
          <h2>{title}</h2>
          <button type="button" className="quiet" aria-label={say(frameWords).close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button says, so that nobody has to read "OK". */
  readonly action: string;
  readonly dangerous?: boolean;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

const asked = createStore<Asked | undefined>(undefined);

export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked.get()?.answer(false);
    asked.set({ ...question, answer: resolve });
  });
}

export function ConfirmDialog(): ReactElement | null {
  const question = useStore(asked);
  if (question === undefined) return null;
  const close = (yes: boolean): void => {
    asked.set(undefined);
    question.answer(yes);
  };
  return (
    <Dialog title={question.title} onClose={() => close(false)}>
      <p>{question.text}</p>
      <div className="dialog-foot">
        <button type="button" onClick={() => close(false)}>
          {say(frameWords).cancel}
        </button>
        <button
          type="button"
          className={question.dangerous === true ? 'danger' : 'primary'}
          onClick={() => close(true)}
        >
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}
