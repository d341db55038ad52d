/**
 * Secrets in what an edge logs of a request. A sign-in hands codes and states through the query of a URL, cookies hold
 * sessions: their values never become part of a record, their names may.
 */

export const COVERED = '(redacted)';

/** Names of parameters whose value lets somebody in, or is what somebody typed as a secret. */
const SECRET_NAME =
  /^(?:code|state|nonce|otp|pin|sid|jwt|ticket|assertion|saml\w*|sig|signature|key|credential|code_verifier|pwd)$|token|secret|passw|passcode|session|api_?key|auth(?!or)|cookie/i;

export function cleanQuery(query: string): string {
  return query
    .split('&')
    .map((pair) => {
      const mark = pair.indexOf('=');
      if (mark < 0 || mark === pair.length - 1) return pair;
      return SECRET_NAME.test(pair.slice(0, mark)) ? `${pair.slice(0, mark)}=${COVERED}` : pair;
    })
    .join('&');
}

/** A whole address, as in a referer. */
export function cleanUrl(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : `${url.slice(0, mark)}?${cleanQuery(url.slice(mark + 1))}`;
}

/** A line that was not understood is kept as text: without the values that would have been covered in it. */
export function cleanText(text: string): string {
  return text.replace(/([?&])([\w.-]{1,64})=([^&\s"'|]{1,2000})/g, (whole, mark: string, name: string) =>
    SECRET_NAME.test(name) ? `${mark}${name}=${COVERED}` : whole,
  );
}

/** Headers and variables whose value is a secret as a whole. */
export function isSecretName(name: string): boolean {
  return /cookie|authorization|password|secret|token$/i.test(name);
}
