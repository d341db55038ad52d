/** Settings of the providers that people sign in with. Part of the table in `config.ts`. */
import { text } from './setting-kinds.js';

export const SIGN_IN_SETTINGS = {
  oidcIssuer: text(
    {
      env: 'SILLOK_OIDC_ISSUER',
      flag: 'oidc-issuer',
      help: 'An OpenID Connect provider to sign in with; needs SILLOK_PUBLIC_URL. docs/guides/people.md.',
    },
    '',
    'URL',
  ),
  oidcClientId: text(
    { env: 'SILLOK_OIDC_CLIENT_ID', flag: 'oidc-client-id', help: 'Client id at that provider.' },
    '',
  ),
  oidcClientSecret: text(
    { env: 'SILLOK_OIDC_CLIENT_SECRET', flag: 'oidc-client-secret', help: 'Client secret at that provider.' },
    '',
  ),
  oidcName: text(
    { env: 'SILLOK_OIDC_NAME', flag: 'oidc-name', help: 'What the button on the sign-in page calls it.' },
    'OpenID Connect',
  ),
  samlEntryPoint: text(
    {
      env: 'SILLOK_SAML_ENTRY_POINT',
      flag: 'saml-entry-point',
      help: 'Sign-on address of a SAML 2.0 provider to sign in with; needs SILLOK_PUBLIC_URL. docs/guides/people.md.',
    },
    '',
    'URL',
  ),
  samlCertificate: text(
    {
      env: 'SILLOK_SAML_CERT',
      flag: 'saml-cert',
      help: 'Its certificates in PEM form: an assertion counts only if one of them signed it.',
    },
    '',
    'file',
  ),
  samlIdpIssuer: text({ env: 'SILLOK_SAML_IDP_ISSUER', flag: 'saml-idp-issuer', help: 'Its entity id.' }, ''),
  samlIssuer: text(
    {
      env: 'SILLOK_SAML_ISSUER',
      flag: 'saml-issuer',
      help: 'Our entity id there, and the audience of assertions. Default: SILLOK_PUBLIC_URL.',
    },
    '',
  ),
  samlName: text(
    { env: 'SILLOK_SAML_NAME', flag: 'saml-name', help: 'What the button on the sign-in page calls it.' },
    'SAML',
  ),
} as const;
