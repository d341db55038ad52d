/** Signing in with a SAML provider that runs here: what is let in, and each known attack that must not be. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';
import { TestBrowser } from './browser.fixture.js';
import { SamlProvider, type Asked, type Said } from './saml-provider.fixture.js';

let provider: SamlProvider;
let server: ServerUnderTest;
let owner: TestBrowser;

beforeAll(async () => {
  provider = new SamlProvider();
  server = new ServerUnderTest({
    samlEntryPoint: 'https://idp.shop.example/sso',
    samlCertificate: provider.certificatePath,
    samlIdpIssuer: provider.issuer,
    samlName: 'Shop SAML',
    publicUrl: 'https://sillok.shop.example',
  });
  const { url, signInUrl } = await server.start();
  owner = new TestBrowser(url);
  await owner.signInBy(signInUrl);
  await owner.ask('POST', '/api/invitations', { email: 'kim@shop.example', role: 'member' });
});
afterAll(async () => {
  await server.dispose();
  provider.dispose();
});

interface Begun {
  readonly page: TestBrowser;
  readonly asked: Asked;
}

async function begin(): Promise<Begun> {
  const page = new TestBrowser(server.running.url);
  const redirect = await page.open('GET', '/api/sign-in/saml');
  return { page, asked: provider.read(redirect.headers.get('location') ?? '') };
}

/** As the provider's page posts it: from another site, with the cookie that we set for this. */
async function post({ page }: Pick<Begun, 'page'>, xml: string) {
  const response = await fetch(`${server.running.url}/api/sign-in/saml/return`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: page.cookie,
      origin: 'https://idp.shop.example',
      'sec-fetch-site': 'cross-site',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      SAMLResponse: Buffer.from(xml).toString('base64'),
      RelayState: '',
    }).toString(),
  });
  const text = await response.text();
  const session = response.headers.getSetCookie().find((each) => each.startsWith('sillok_session='));
  return { status: response.status, text, session };
}

async function answer(said: Said = {}): Promise<Awaited<ReturnType<typeof post>>> {
  const begun = await begin();
  return post(begun, provider.response(begun.asked, provider.sign(provider.assertion(begun.asked, said))));
}

function expectRefused(given: Awaited<ReturnType<typeof post>>): void {
  expect({ status: given.status, session: given.session }).toEqual({ status: 401, session: undefined });
  expect(given.text).toContain('"saml_failed"');
}

describe('who is let in', () => {
  test('who was invited, and later by the name id even with another address', async () => {
    const ways = await owner.ask('GET', '/api/sign-in');
    expect(ways.body).toEqual({ password: true, oidc: null, saml: { name: 'Shop SAML' } });
    const first = await answer({
      nameId: 'kim-1',
      format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    });
    expect(first.status).toBe(200);
    const [cookie = ''] = (first.session ?? '').split(';');
    const session = await fetch(`${server.running.url}/api/session`, { headers: { cookie } });
    expect(await session.json()).toMatchObject({
      role: 'member',
      user: { email: 'kim@shop.example', name: '김개발' },
    });
    const moved = { nameId: 'kim-1', email: 'new@shop.example' };
    expect((await answer(moved)).status).toBe(200);
    const { users } = (await owner.ask('GET', '/api/users')).body;
    expect(users).toMatchObject([{ email: 'kim@shop.example', sign_in: ['saml'] }]);
  });

  test('not who was not invited, nor another name id with an address that is taken', async () => {
    expectRefused(await answer({ nameId: 'stranger', email: 'stranger@evil.example' }));
    expectRefused(await answer({ nameId: 'kim-2', email: 'kim@shop.example' }));
    const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
    expectRefused(await answer({ nameId: 'x', format: transient }));
  });

  test('the metadata names our address and asks for signed assertions', async () => {
    const { body } = await owner.ask('GET', '/api/sign-in/saml/metadata');
    expect(body['text']).toContain('https://sillok.shop.example/api/sign-in/saml/return');
    expect(body['text']).toContain('WantAssertionsSigned="true"');
  });
});

describe('what is refused though it is signed', () => {
  test.each<readonly [string, Said]>([
    ['an assertion that has expired', { endsInMs: -120_000 }],
    ['one that is not valid yet', { beginsInMs: 120_000 }],
    ['one for another audience', { audience: 'https://other.example' }],
    ['one of another issuer', { issuer: 'https://other-idp.example' }],
    ['one for another address', { recipient: 'https://other.example/api/sign-in/saml/return' }],
    ['one for another request', { inResponseTo: '_another' }],
  ])('%s', async (_name, said) => {
    expectRefused(await answer({ nameId: 'kim-1', ...said }));
  });

  async function answered(): Promise<Begun & { readonly xml: string }> {
    const begun = await begin();
    const signed = provider.sign(provider.assertion(begun.asked, { nameId: 'kim-1' }));
    return { ...begun, xml: provider.response(begun.asked, signed) };
  }

  test('an answer that is sent twice', async () => {
    const begun = await answered();
    expect((await post(begun, begun.xml)).status).toBe(200);
    expectRefused(await post(begun, begun.xml));
  });

  test('an answer that another browser asked for, whether this one asked for one too or not', async () => {
    expectRefused(await post(await begin(), (await answered()).xml));
    expectRefused(await post({ page: new TestBrowser(server.running.url) }, (await answered()).xml));
  });

  test('SHA-1, of the signature and of the digest', async () => {
    const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
    const rsaSha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
    const good = {
      signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
    };
    for (const weak of [
      { ...good, digest: sha1 },
      { ...good, signature: rsaSha1 },
    ]) {
      const begun = await begin();
      const signed = provider.sign(provider.assertion(begun.asked, { nameId: 'kim-1' }), weak);
      const given = await post(begun, provider.response(begun.asked, signed));
      expectRefused(given);
      expect(given.text).toContain('SHA-1');
    }
  });
});

describe('what is refused because what it says was not signed', () => {
  const said = { nameId: 'kim-1' };

  /** An assertion of somebody else, beside or around the one that was signed. */
  const forged = (asked: Asked): string =>
    provider.assertion(asked, { nameId: 'kim-1', email: 'kim@shop.example' });

  test.each<readonly [string, (asked: Asked) => string]>([
    ['no signature', (asked) => provider.assertion(asked, said)],
    [
      'a text that was changed after signing',
      (asked) =>
        provider.sign(provider.assertion(asked, { nameId: 'someone' })).replace('>someone<', '>kim-1<'),
    ],
    [
      'the key of another',
      (asked) => {
        const other = new SamlProvider();
        try {
          return other.sign(other.assertion(asked, { ...said, issuer: provider.issuer }));
        } finally {
          other.dispose();
        }
      },
    ],
    [
      'a second assertion before the signed one',
      (asked) => forged(asked) + provider.sign(provider.assertion(asked, { nameId: 'someone' })),
    ],
    [
      'a second assertion behind the signed one',
      (asked) => provider.sign(provider.assertion(asked, { nameId: 'someone' })) + forged(asked),
    ],
    [
      'the signed one wrapped into another that takes its signature along',
      (asked) => {
        const signed = provider.sign(provider.assertion(asked, { nameId: 'someone' }));
        const signature = /<Signature.*<\/Signature>/s.exec(signed)?.[0] ?? '';
        const inner = signed.replace(signature, '');
        const moved = signature.replace('</Signature>', `<Object>${inner}</Object></Signature>`);
        return forged(asked).replace('</saml:Issuer>', `</saml:Issuer>${moved}`);
      },
    ],
    [
      'the signed one hidden in an extension, a forged one with the same id in its place',
      (asked) => {
        const signed = provider.sign(provider.assertion(asked, { nameId: 'someone' }));
        const id = /ID="(_a\d+)"/.exec(signed)?.[1] ?? '';
        const twin = forged(asked).replace(/ID="_a\d+"/, `ID="${id}"`);
        return `<samlp:Extensions>${signed}</samlp:Extensions>${twin}`;
      },
    ],
    [
      'the signed one inside the forged one',
      (asked) => {
        const signed = provider.sign(provider.assertion(asked, { nameId: 'someone' }));
        return forged(asked).replace(
          '</saml:Assertion>',
          `<saml:Advice>${signed}</saml:Advice></saml:Assertion>`,
        );
      },
    ],
  ])('%s', async (_name, make) => {
    const begun = await begin();
    const given = await post(begun, provider.response(begun.asked, make(begun.asked)));
    expectRefused(given);
    expect(given.text).toContain('its answer was refused');
  });

  test('a comment inside a name does not make another person of it', async () => {
    const begun = await begin();
    const signed = provider.sign(
      provider.assertion(begun.asked, { nameId: 'kim-1.evil.example', email: 'x@evil.example' }),
    );
    const cut = signed.replace('kim-1.evil', 'kim-1<!-- -->.evil');
    expectRefused(await post(begun, provider.response(begun.asked, cut)));
  });

  test('a document type with entities, and what is no XML at all', async () => {
    const begun = await begin();
    const good = provider.response(begun.asked, provider.sign(provider.assertion(begun.asked, said)));
    expectRefused(await post(begun, `<!DOCTYPE x [<!ENTITY a "b">]>${good}`));
    const other = await begin();
    expectRefused(await post(other, 'no xml'));
  });
});

test('who came in by the provider, and that the tie was cut, are in the audit log', async () => {
  const { users } = (await owner.ask('GET', '/api/users')).body;
  // The shape of the documented answer.
  const [kim] = users as { id: string }[];
  expect((await owner.ask('DELETE', `/api/users/${kim?.id}/sign-in`)).status).toBe(200);
  await server.visible();
  for (const [action, actor] of [
    ['session.sign_in', `user:${kim?.id}`],
    ['user.change', 'sign-in-link'],
  ] as const) {
    const query = new URLSearchParams({ action, actor });
    const { changes } = (await owner.ask('GET', `/api/audit?${query}`)).body;
    expect(changes).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ outcome: 'committed' })]),
    );
  }
});

describe('settings that cannot work stop the start with a sentence', () => {
  test.each([
    ['without a public address', { publicUrl: '' }, /needs SILLOK_PUBLIC_URL/],
    ['without a certificate', { samlCertificate: '' }, /SILLOK_SAML_CERT= cannot be read/],
    ['without the provider’s entity id', { samlIdpIssuer: '' }, /needs SILLOK_SAML_IDP_ISSUER/],
  ])('%s', async (_name, change, sentence) => {
    const other = new ServerUnderTest({
      samlEntryPoint: 'https://idp.shop.example/sso',
      samlCertificate: provider.certificatePath,
      samlIdpIssuer: provider.issuer,
      publicUrl: 'https://sillok.shop.example',
      ...change,
    });
    await expect(other.start()).rejects.toThrow(sentence);
    await other.dispose();
  });
});
