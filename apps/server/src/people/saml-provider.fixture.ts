/** A small SAML provider for tests: it reads our request and signs answers, good ones and every kind of bad one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

import { SignedXml } from 'xml-crypto';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SAML = 'urn:oasis:names:tc:SAML:2.0';

export interface Asked {
  readonly id: string;
  readonly returnUrl: string;
  readonly issuer: string;
}

export interface Said {
  readonly nameId?: string;
  readonly format?: string;
  readonly email?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly recipient?: string;
  readonly inResponseTo?: string;
  /** Of the conditions and of the confirmation, from now. */
  readonly endsInMs?: number;
  readonly beginsInMs?: number;
}

interface Algorithms {
  readonly signature: string;
  readonly digest: string;
}

export class SamlProvider {
  readonly directory = mkdtempSync(join(tmpdir(), 'sillok-saml-'));
  readonly certificatePath = join(this.directory, 'provider.pem');
  readonly issuer = 'https://idp.shop.example/saml';
  readonly #key: string;
  #count = 0;

  constructor() {
    const keyPath = join(this.directory, 'provider.key');
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=idp'],
      ...['-keyout', keyPath, '-out', this.certificatePath],
    ]);
    if (made.status !== 0) throw new Error(String(made.stderr));
    this.#key = readFileSync(keyPath, 'utf8');
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What our redirect asks for. */
  read(location: string): Asked {
    const packed = new URL(location).searchParams.get('SAMLRequest') ?? '';
    const xml = inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8');
    const attribute = (name: string): string => new RegExp(`${name}="([^"]+)"`).exec(xml)?.[1] ?? '';
    const issuer = /Issuer[^>]*>([^<]+)</.exec(xml)?.[1] ?? '';
    return { id: attribute('ID'), returnUrl: attribute('AssertionConsumerServiceURL'), issuer };
  }

  assertion(asked: Asked, said: Said = {}): string {
    this.#count += 1;
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const { format = `${SAML.replace('2.0', '1.1')}:nameid-format:emailAddress` } = said;
    const end = at(said.endsInMs ?? 120_000);
    const begin = at(said.beginsInMs ?? -1_000);
    const recipient = said.recipient ?? asked.returnUrl;
    const confirmed = `InResponseTo="${said.inResponseTo ?? asked.id}" Recipient="${recipient}"`;
    return [
      `<saml:Assertion xmlns:saml="${SAML}:assertion" ID="_a${this.#count}" Version="2.0" IssueInstant="${at(0)}">`,
      `<saml:Issuer>${said.issuer ?? this.issuer}</saml:Issuer>`,
      `<saml:Subject><saml:NameID Format="${format}">${said.nameId ?? 'kim@shop.example'}</saml:NameID>`,
      `<saml:SubjectConfirmation Method="${SAML}:cm:bearer">`,
      `<saml:SubjectConfirmationData NotOnOrAfter="${end}" ${confirmed}/>`,
      '</saml:SubjectConfirmation></saml:Subject>',
      `<saml:Conditions NotBefore="${begin}" NotOnOrAfter="${end}"><saml:AudienceRestriction>`,
      `<saml:Audience>${said.audience ?? asked.issuer}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
      '<saml:AttributeStatement><saml:Attribute Name="email">',
      `<saml:AttributeValue>${said.email ?? 'Kim@shop.example'}</saml:AttributeValue></saml:Attribute>`,
      '<saml:Attribute Name="displayName"><saml:AttributeValue>김개발</saml:AttributeValue></saml:Attribute>',
      '</saml:AttributeStatement></saml:Assertion>',
    ].join('');
  }

  /** The assertion alone is signed, as most providers do it. */
  sign(assertion: string, algorithms: Algorithms = { signature: RSA_SHA256, digest: SHA256 }): string {
    const signature = new SignedXml({
      privateKey: this.#key,
      signatureAlgorithm: algorithms.signature,
      canonicalizationAlgorithm: EXCLUSIVE,
    });
    signature.addReference({
      xpath: "/*[local-name(.)='Assertion']",
      digestAlgorithm: algorithms.digest,
      transforms: [ENVELOPED, EXCLUSIVE],
    });
    const location = { reference: "/*/*[local-name(.)='Issuer']", action: 'after' } as const;
    signature.computeSignature(assertion, { location });
    return signature.getSignedXml();
  }

  response(asked: Asked, assertions: string): string {
    const names = `xmlns:samlp="${SAML}:protocol" xmlns:saml="${SAML}:assertion"`;
    return [
      `<samlp:Response ${names} ID="_r${this.#count}" Version="2.0" InResponseTo="${asked.id}"`,
      ` IssueInstant="${new Date().toISOString()}" Destination="${asked.returnUrl}">`,
      `<saml:Issuer>${this.issuer}</saml:Issuer>`,
      `<samlp:Status><samlp:StatusCode Value="${SAML}:status:Success"/></samlp:Status>`,
      `${assertions}</samlp:Response>`,
    ].join('');
  }
}
