/**
 * Signing in with a SAML 2.0 provider: a request that we began, a response that comes by POST, an assertion that is signed.
 *
 * The library verifies the signature and hands out what was signed, never what stands beside it; it also checks times and
 * audience. What it leaves open is checked here, on the signed assertion only: the issuer, that it was made for this request and
 * this address, that it is used once, and that no weak algorithm signed it. `saml.test.ts` tries each attack.
 */
import { readFileSync } from 'node:fs';

import { SAML, ValidateInResponseTo, type Profile } from '@node-saml/node-saml';
import { ROUTES } from '@sillok/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Config } from '../config.js';
import { ConfigError } from '../errors.js';
import type { PeopleDeps } from './context.js';
import { samlFailed, tooManyAttempts } from './errors.js';
import {
  SAML_AGE_MS_MAX,
  SAML_PENDING_MAX,
  SAML_PENDING_MS,
  SAML_RESPONSE_BYTES_MAX,
  SAML_SKEW_MS,
} from './limits.js';
import { normaliseEmail } from './people.js';
import { whoIsProvided, type ProvidedIdentity } from './provider.js';
import { openSession, sendHome } from './session-routes.js';

const REQUEST_COOKIE = 'sillok_saml';

/** Requests that were begun here and have not come back: id → when it was made. Each is good for one answer. */
type Pending = Map<string, number>;

export function registerSaml(app: FastifyInstance, deps: PeopleDeps): void {
  const { config } = deps;
  if (config.samlEntryPoint === '') return;
  const pending: Pending = new Map();
  const saml = createSaml(config, pending);

  app.get(ROUTES.samlBegin, async (_request, reply) => {
    dropOld(pending);
    if (pending.size >= SAML_PENDING_MAX) throw tooManyAttempts(SAML_PENDING_MS / 1000);
    const before = new Set(pending.keys());
    const target = await saml.getAuthorizeUrlAsync('', undefined, {});
    const id = [...pending.keys()].find((each) => !before.has(each)) ?? '';
    // None: the way back is a POST that the provider's page sends. The cookie ties the answer to the browser that began.
    const flags = `Path=${ROUTES.samlReturn}; HttpOnly; SameSite=None; Secure; Max-Age=${SAML_PENDING_MS / 1000}`;
    void reply.header('set-cookie', `${REQUEST_COOKIE}=${id}; ${flags}`);
    return reply.redirect(target, 302);
  });

  app.get(ROUTES.samlMetadata, (_request, reply) =>
    reply.type('application/samlmetadata+xml').send(saml.generateServiceProviderMetadata(null, null)),
  );

  void app.register(async (room) => {
    const options = { parseAs: 'string', bodyLimit: SAML_RESPONSE_BYTES_MAX } as const;
    room.addContentTypeParser('application/x-www-form-urlencoded', options, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    room.post(ROUTES.samlReturn, async (request, reply) => {
      const identity = await identityOf(request, { deps, saml, pending });
      const who = whoIsProvided(deps.people, identity, (reason) => samlFailed(reason));
      openSession(deps, who, { request, reply });
      return sendHome(reply);
    });
  });
}

function createSaml(config: Config, pending: Pending): SAML {
  const callbackUrl = returnUrl(config);
  if (config.samlIdpIssuer === '')
    throw new ConfigError(
      'SILLOK_SAML_ENTRY_POINT needs SILLOK_SAML_IDP_ISSUER, the entity id of the provider.',
    );
  return new SAML({
    entryPoint: config.samlEntryPoint,
    idpCert: readCertificate(config.samlCertificate),
    issuer: issuerOf(config),
    audience: issuerOf(config),
    callbackUrl,
    wantAssertionsSigned: true,
    // Providers sign the assertion, the response, or both. The assertion must be.
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: SAML_PENDING_MS,
    cacheProvider: {
      async saveAsync(id, value) {
        pending.set(id, Date.now());
        return { value, createdAt: Date.now() };
      },
      getAsync: async (id) => (pending.has(id) ? new Date(pending.get(id) ?? 0).toISOString() : null),
      async removeAsync(id) {
        if (id !== null) pending.delete(id);
        return id;
      },
    },
    acceptedClockSkewMs: SAML_SKEW_MS,
    maxAssertionAgeMs: SAML_AGE_MS_MAX,
    disableRequestedAuthnContext: true,
    identifierFormat: null,
  });
}

/** Our name at the provider, and the audience that an assertion must be made for. */
function issuerOf(config: Config): string {
  return config.samlIssuer === '' ? config.publicUrl.replace(/\/+$/, '') : config.samlIssuer;
}

function returnUrl({ publicUrl }: Config): string {
  if (publicUrl === '')
    throw new ConfigError('SILLOK_SAML_ENTRY_POINT needs SILLOK_PUBLIC_URL, where the answer comes back.');
  return publicUrl.replace(/\/+$/, '') + ROUTES.samlReturn;
}

function readCertificate(path: string): string[] {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`SILLOK_SAML_CERT=${path} cannot be read: ${String(cause)}`);
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found === null) throw new ConfigError(`SILLOK_SAML_CERT=${path} holds no certificate in PEM form.`);
  return found;
}

function dropOld(pending: Pending): void {
  const endMs = Date.now() - SAML_PENDING_MS;
  for (const [id, madeMs] of pending) if (madeMs <= endMs) pending.delete(id);
}

interface Returning {
  readonly deps: PeopleDeps;
  readonly saml: SAML;
  readonly pending: Pending;
}

async function identityOf(request: FastifyRequest, returning: Returning): Promise<ProvidedIdentity> {
  const { deps, saml, pending } = returning;
  dropOld(pending);
  const SAMLResponse = responseOf(request.body);
  const id = /(?:^|;\s*)sillok_saml=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (id === undefined || !pending.has(id))
    throw samlFailed('this page was not begun here, or took too long');
  refuseWeak(SAMLResponse);
  const { profile } = await saml
    .validatePostResponseAsync({ SAMLResponse })
    .catch((error: unknown) => {
      deps.log.warn('the SAML provider’s answer was refused', { error });
      throw samlFailed('its answer was refused', error);
    })
    // One answer per request, good or bad.
    .finally(() => pending.delete(id));
  if (profile === null) throw samlFailed('it sent no identity');
  checkAssertion(profile, { id, config: deps.config });
  return identityFrom(profile);
}

function responseOf(body: unknown): string {
  const given: { SAMLResponse?: unknown } = body instanceof Object ? body : {};
  if (typeof given.SAMLResponse !== 'string') throw samlFailed('it sent no SAMLResponse');
  return given.SAMLResponse;
}

/** What the library would accept: SHA-1 can be forged today, and a document type has no place in a response. */
function refuseWeak(response: string): void {
  const xml = Buffer.from(response, 'base64').toString('utf8');
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) throw samlFailed('its answer has a document type');
  if (/xmldsig#(?:rsa-|dsa-|hmac-)?sha1|#hmac-/i.test(xml))
    throw samlFailed('its answer is signed with SHA-1 or a shared secret; let it sign with RSA and SHA-256');
}

/** The signed assertion as the library parsed it: elements are lists, attributes are in `$`. */
interface Parsed {
  readonly $?: Readonly<Record<string, string>>;
  readonly [element: string]: readonly Parsed[] | Readonly<Record<string, string>> | undefined;
}

function child(of: Parsed | undefined, name: string): readonly Parsed[] {
  const found = of?.[name];
  // Only `$` is a record of texts.
  return Array.isArray(found) ? (found as readonly Parsed[]) : [];
}

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

function checkAssertion(profile: Profile, { id, config }: { id: string; config: Config }): void {
  if (profile.issuer !== config.samlIdpIssuer) throw samlFailed(`it was issued by "${profile.issuer}"`);
  // The library's own parser made it of the verified bytes; unknown elements are looked for by name.
  const document = profile.getAssertion?.() as Parsed | undefined;
  // `Assertion` is its root, and so the only one that is not a list.
  const assertion = document?.['Assertion'] as Parsed | undefined;
  const conditions = child(assertion, 'Conditions')[0];
  if (conditions?.$?.['NotOnOrAfter'] === undefined) throw samlFailed('its assertion has no end');
  const bearers = child(child(assertion, 'Subject')[0], 'SubjectConfirmation').filter(
    ({ $ }) => $?.['Method'] === BEARER,
  );
  const isForUs = bearers.some((bearer) => {
    const data = child(bearer, 'SubjectConfirmationData')[0]?.$;
    return (
      data?.['Recipient'] === returnUrl(config) &&
      data['InResponseTo'] === id &&
      Date.parse(data['NotOnOrAfter'] ?? '') + SAML_SKEW_MS > Date.now()
    );
  });
  if (!isForUs) throw samlFailed('its assertion was not made for this request');
}

const EMAIL_NAMES = [
  'email',
  'mail',
  'urn:oid:0.9.2342.19200300.100.1.3',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
];
const NAME_NAMES = [
  'displayName',
  'name',
  'urn:oid:2.16.840.1.113730.3.1.241',
  'http://schemas.microsoft.com/identity/claims/displayname',
];

function identityFrom(profile: Profile): ProvidedIdentity {
  const { nameID: subject } = profile;
  // The library's type promises both, but an assertion may leave them out.
  const format = String(profile.nameIDFormat);
  if (typeof subject !== 'string' || subject === '') throw samlFailed('its assertion names nobody');
  if (format.endsWith(':transient'))
    throw samlFailed(
      'it sends another name id each time; let it send a persistent one or the e-mail address',
    );
  const { attributes } = profile;
  const given = new Map(attributes instanceof Object ? Object.entries(attributes) : []);
  const text = (names: readonly string[]): string | undefined => {
    const value = names.map((name) => given.get(name)).find((each) => each !== undefined);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === 'string' ? first : undefined;
  };
  const email = text(EMAIL_NAMES) ?? (format.endsWith(':emailAddress') ? subject : undefined);
  return {
    way: 'saml',
    issuer: profile.issuer,
    subject,
    email: email === undefined ? undefined : normaliseEmail(email),
    name: text(NAME_NAMES)?.slice(0, 100),
  };
}
