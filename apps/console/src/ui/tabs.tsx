/** Parts of one page, chosen in the address (`?tab=`), so that a link opens the right one. */
import { useEffect, useRef, type ReactElement } from 'react';
import { hrefHere, Link, useAddress } from './address.js';

interface Tab {
  readonly name: string;
  readonly title: string;
}

export function useTab(first: string): string {
  return useAddress().parameters.get('tab') ?? first;
}

export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }): ReactElement {
  const first = tabs[0]?.name ?? '';
  const chosen = useTab(first);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone not all of them have room, and the one that is open must be in sight.
    const open = place.current?.querySelector('[aria-current]');
    open?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen]);
  return (
    <nav className="tabs" aria-label={label} ref={place}>
      {tabs.map(({ name, title }) => (
        <Link
          key={name}
          to={hrefHere({ tab: name === first ? undefined : name })}
          aria-current={name === chosen ? 'page' : undefined}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}
