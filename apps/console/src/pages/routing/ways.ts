/** How a rule is sent, and how proxies are told: texts to copy. Names in them are letters, digits, dots and dashes only. */
import type { DebugSession } from '@sillok/api';

/** As `@sillok/browser` reads it; the whole line is also a bookmark. */
export function pageText(baggage: string): string {
  const token = baggage.replace(/^sillok\.route=/, '');
  return `javascript:void sessionStorage.setItem('sillok-route','${token}')`;
}

export const PAGE_OUT = `javascript:void sessionStorage.removeItem('sillok-route')`;

export const headerText = (baggage: string): string => `baggage: ${baggage}`;

export const curlText = (baggage: string): string => `curl -H 'baggage: ${baggage}' `;

function copiesOf({ targets, addresses }: DebugSession): string {
  return Object.entries(targets)
    .map(([service, version]) => `${service}=${version}@${addresses[service] ?? 'HOST:PORT'}`)
    .join(' ');
}

export function nginxText(session: DebugSession): string {
  const services = Object.keys(session.targets).map((service) => `${service}@HOST:PORT`);
  return `sillok route write --for nginx --copy ${copiesOf(session)} --default ${services.join(' ')}`;
}

export function meshText(session: DebugSession, baggage: string): string {
  const token = baggage.replace(/^sillok\.route=/, '');
  return `sillok route write --for istio --token ${token} --copy ${copiesOf(session)} | kubectl apply -f -`;
}

export function endedText(session: DebugSession): string {
  return `${nginxText(session)} --ended ${session.id}`;
}
