/**
 * The router, small because the address is the state: a path of a page and its parameters. Going somewhere is a push,
 * refining what is shown may be a replace; back and forward do what people expect.
 */
import { VALUE_PREFIX } from '@sillok/api/console-pages';
import { useMemo, useSyncExternalStore, type AnchorHTMLAttributes, type ReactElement } from 'react';

const CHANGED = 'sillok:address';

export interface Address {
  readonly path: string;
  readonly parameters: URLSearchParams;
}

export type Changes = Readonly<Record<string, string | undefined>>;

let isBack = false;

/** Whether one came here by back or forward, and not by a link: then what was there before is wanted. */
export const cameBack = (): boolean => isBack;

function subscribe(listener: () => void): () => void {
  // Noted by each subscriber, so that it is known before the first of them draws.
  const onBack = (): void => {
    isBack = true;
    listener();
  };
  addEventListener('popstate', onBack);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener('popstate', onBack);
    removeEventListener(CHANGED, listener);
  };
}

export function useAddress(): Address {
  const text = useSyncExternalStore(subscribe, () => `${location.pathname}${location.search}`);
  return useMemo(() => {
    const [path = '/', search = ''] = text.split('?', 2);
    return { path, parameters: new URLSearchParams(search) };
  }, [text]);
}

export function go(to: string, options: { readonly replace?: boolean } = {}): void {
  if (to === `${location.pathname}${location.search}`) return;
  if (options.replace === true) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  isBack = false;
  dispatchEvent(new Event(CHANGED));
}

/** A path with parameters; those that are empty or undefined are left out. Of a chosen value, empty says "all". */
export function hrefOf(path: string, parameters: Changes = {}): string {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && (value !== '' || name.startsWith(VALUE_PREFIX))) kept.set(name, value);
  }
  const text = kept.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Where we are, with some parameters changed. */
export function hrefHere(changes: Changes): string {
  return hrefOf(location.pathname, {
    ...Object.fromEntries(new URLSearchParams(location.search)),
    ...changes,
  });
}

/** A link that stays in the page, unless the reader asks for a new tab. */
export function Link({
  to,
  ...rest
}: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>): ReactElement {
  const { onClick } = rest;
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.defaultPrevented) return;
        event.preventDefault();
        go(to);
      }}
    />
  );
}

/** `/trace/:traceId` against `/trace/abc`; undefined where they differ. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith(':') && text !== '') values[part.slice(1)] = decoded(text);
    else if (part !== text) return undefined;
  }
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
