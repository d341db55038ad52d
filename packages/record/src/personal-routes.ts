/**
 * Signed rules for debugging: "send only my requests to these versions of these services, until then". A rule travels as one
 * text in baggage (`sillok.route`), made of characters that no encoder touches:
 *
 *     1_<id>_<until>_<service>_<version>[_<service>_<version>…]_<signature>_<seal>
 *
 * The signature is an HMAC that our services check. The seal is for a proxy that can only check an MD5 with a secret and a time
 * (nginx's secure_link): it is lent a secret of its own, from which nothing else can be made.
 */
import { createHash, randomBytes } from 'node:crypto';
import { RecordError } from './errors.js';
import {
  ROUTE_NAME_CHARACTERS_MAX,
  ROUTE_SECONDS_MAX,
  ROUTE_TARGETS_MAX,
  ROUTE_TEXT_CHARACTERS_MAX,
} from './limits.js';
import type { Pseudonyms } from './personal-names.js';

export interface RouteRule {
  readonly id: string;
  /** Unix time in seconds. */
  readonly until: number;
  /** Version by service. */
  readonly targets: Readonly<Record<string, string>>;
}

export type RouteProblem = 'form' | 'signature' | 'expired';

export type ReadRoute = { readonly rule: RouteRule } | { readonly problem: RouteProblem };

const PURPOSE = 'route';
const LENT = 'route nginx';
const VERSION = '1';
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;
const WHOLE = /^(1_([0-9a-z]+)_([0-9]{10})_([A-Za-z0-9._-]+))_([0-9]+\.[0-9a-f]{32})_([A-Za-z0-9_-]{22})$/;

export interface NewRoute {
  readonly targets: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly nowSeconds: number;
}

/** Throws a `RecordError` (`bad_route`) that says what cannot be signed. */
export function signRoute(
  names: Pseudonyms,
  { targets, seconds, nowSeconds }: NewRoute,
): { text: string; rule: RouteRule } {
  const entries = Object.entries(targets);
  if (entries.length === 0 || entries.length > ROUTE_TARGETS_MAX)
    throw badRoute(`it names ${entries.length} services instead of 1 to ${ROUTE_TARGETS_MAX}`);
  for (const name of entries.flat()) {
    if (!NAME.test(name) || name.length > ROUTE_NAME_CHARACTERS_MAX)
      throw badRoute(`"${name}" is no name of letters, digits, dots and dashes`);
  }
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > ROUTE_SECONDS_MAX)
    throw badRoute(`it may be good for at most ${ROUTE_SECONDS_MAX / 3600} hours`);
  const rule: RouteRule = { id: randomBytes(5).toString('hex'), until: nowSeconds + seconds, targets };
  const text = textOfRoute(names, rule);
  if (text.length > ROUTE_TEXT_CHARACTERS_MAX) throw badRoute('its names are too long together');
  return { text, rule };
}

/** A rule is the same text each time it is signed with the same keys, so that it need not be kept anywhere. */
export function textOfRoute(names: Pseudonyms, { id, until, targets }: RouteRule): string {
  const body = [VERSION, id, until, ...Object.entries(targets).flat()].join('_');
  return `${body}_${names.sign(PURPOSE, body)}_${sealOf(body, routeSecret(names))}`;
}

export function readRoute(names: Pseudonyms, text: string, nowSeconds: number): ReadRoute {
  const found = text.length > ROUTE_TEXT_CHARACTERS_MAX ? null : WHOLE.exec(text);
  if (found === null) return { problem: 'form' };
  const [, body = '', id = '', until = '', pairs = '', signature = ''] = found;
  if (!names.verify(PURPOSE, body, signature)) return { problem: 'signature' };
  if (Number(until) <= nowSeconds) return { problem: 'expired' };
  const parts = pairs.split('_');
  const targets: Record<string, string> = {};
  for (let at = 0; at + 1 < parts.length; at += 2) targets[parts[at] ?? ''] = parts[at + 1] ?? '';
  return { rule: { id, until: Number(until), targets } };
}

/** What nginx is lent to check the seal with. It stands in its configuration. */
export function routeSecret(names: Pseudonyms): string {
  return names.secretFor(LENT).slice(0, 32);
}

/** As nginx's `secure_link_md5 "$body $secret"` computes it. */
function sealOf(body: string, secret: string): string {
  return createHash('md5').update(`${body} ${secret}`).digest('base64url');
}

function badRoute(problem: string): RecordError {
  return new RecordError({
    code: 'bad_route',
    message: `The rule cannot be signed: ${problem}`,
    help: 'Name services and versions as they are deployed: orders=fix-42. docs/guides/debug-routing.md',
  });
}
