/** Where one wanted to go before a provider of another house was asked who one is: its way back always leads to the start page. */
import { go } from '../../ui/address.js';

/** Of this tab only, as the sign-in is. */
const KEY = 'sillok.way-back';

export function keepPlace(): void {
  sessionStorage.setItem(KEY, `${location.pathname}${location.search}`);
}

/** Once, and only from the start page: whoever went on by another link wants to be there. */
export function goBack(): void {
  const place = sessionStorage.getItem(KEY);
  if (place === null) return;
  sessionStorage.removeItem(KEY);
  if (location.pathname === '/' && location.search === '') go(place, { replace: true });
}
