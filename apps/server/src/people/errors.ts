/** Errors of signing in and of managing people. None of them says whether an account exists. */
import { ServerError } from '../errors.js';

export function signInFailed(): ServerError {
  return new ServerError({
    status: 401,
    code: 'sign_in_failed',
    message: 'Address or password is wrong, or this account may not sign in.',
    help: 'Try again, or ask an admin of your project for an invitation.',
  });
}

export function tooManyAttempts(retryAfterSeconds: number): ServerError {
  return new ServerError({
    status: 429,
    code: 'too_many_attempts',
    message: 'There were too many failed attempts to sign in.',
    help: 'Wait for Retry-After seconds.',
    retryAfterSeconds,
  });
}

export function linkUsed(): ServerError {
  return new ServerError({
    status: 401,
    code: 'link_used',
    message: 'This link was used, was withdrawn or has expired.',
    help: 'Ask for a new one. A server prints a sign-in link at each start.',
  });
}

export function notAllowed(message: string): ServerError {
  return new ServerError({
    status: 403,
    code: 'not_allowed',
    message,
    help: 'Ask an admin of the project, or an owner of the server.',
  });
}

export function conflict(code: string, message: string, help: string): ServerError {
  return new ServerError({ status: 409, code, message, help });
}

export function samlFailed(reason: string, cause?: unknown): ServerError {
  return new ServerError({
    status: 401,
    code: 'saml_failed',
    message: `The SAML provider did not sign you in: ${reason}.`,
    help: 'Begin again at the sign-in page; the log of the server says more.',
    cause,
  });
}

export function oidcFailed(reason: string, cause?: unknown): ServerError {
  return new ServerError({
    status: 401,
    code: 'oidc_failed',
    message: `The identity provider did not sign you in: ${reason}.`,
    help: 'Begin again at the sign-in page; the log of the server says more.',
    cause,
  });
}
