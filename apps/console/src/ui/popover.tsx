/** A panel under its button. Escape and a click elsewhere close it; the focus goes back to the button. */
import { useEffect, useId, useRef, useState, type ReactElement, type ReactNode } from 'react';

interface PopoverProps {
  readonly label: string;
  readonly button: ReactNode;
  readonly className?: string;
  readonly align?: 'start' | 'end';
  readonly children: (close: () => void) => ReactNode;
}

export function Popover({ label, button, className, align = 'end', children }: PopoverProps): ReactElement {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (): void => {
    setOpen(false);
    trigger.current?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    const onDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && place.current?.contains(event.target) === false) setOpen(false);
    };
    addEventListener('pointerdown', onDown);
    return () => removeEventListener('pointerdown', onDown);
  }, [open]);
  return (
    <div
      className="popover"
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        ref={trigger}
        className={className}
        aria-expanded={open}
        aria-controls={id}
        aria-haspopup="dialog"
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div id={id} role="dialog" aria-label={label} className="popover-panel" data-align={align}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
