/** A secret that is shown once: to be copied now. */
import type { ReactElement } from 'react';
import { toast } from '../../ui/toast.js';
import { say } from '../../words/dictionary.js';
import { frameWords } from '../../words/frame.js';

export function Once({ text, help }: { text: string; help: string }): ReactElement {
  const words = say(frameWords);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => toast(words.copied),
      () => toast(words.copyFailed, 'failed'),
    );
  };
  return (
    <div className="once" role="status">
      <p className="warning">{help}</p>
      <code>{text}</code>
      <button type="button" onClick={copy}>
        {words.copy}
      </button>
    </div>
  );
}
