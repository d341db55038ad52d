/** Parts of one page, chosen in the address (`?tab=`), so that a link opens the right one. */
import type { ReactElement } from 'react';
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
  return (
    <nav className="tabs" aria-label={label}>
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
