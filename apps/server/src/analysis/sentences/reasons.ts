/** Why it broke, in a sentence that can be read aloud. The words of `Breakpoint.reason` are listed here. */
import type { Sentence } from '@sillok/api';
import { subject } from './josa.js';

export const REASONS = [
  'exception',
  'timeout',
  'no_answer',
  'refused',
  'too_slow',
  'error_answer',
  'database_error',
  'client_request',
  'client_left',
  'client_exception',
  'client_network',
  'edge_limit',
  'message_failed',
  'unknown',
  'nothing_failed',
] as const;
export type Reason = (typeof REASONS)[number];

const STATUS_WORDS: Readonly<Record<number, Sentence>> = {
  400: { ko: '보낸 내용이 올바르지 않음', en: 'what was sent is not valid' },
  401: { ko: '로그인되어 있지 않거나 인증이 만료됨', en: 'not signed in, or the sign-in has expired' },
  403: { ko: '권한이 없음', en: 'not allowed' },
  404: { ko: '찾는 것이 없음', en: 'what was asked for is not there' },
  409: { ko: '이미 처리되었거나 다른 변경과 부딪힘', en: 'done already, or in conflict with another change' },
  410: { ko: '이제 없는 것을 찾음', en: 'what was asked for is gone' },
  413: { ko: '보낸 것이 너무 큼', en: 'what was sent is too large' },
  422: { ko: '보낸 내용이 올바르지 않음', en: 'what was sent is not valid' },
  429: { ko: '짧은 시간에 너무 많이 요청함', en: 'too many requests in a short time' },
};

export interface ReasonFacts {
  readonly name: Sentence;
  readonly status: number;
}

export function reasonSentence(reason: Reason, { name, status }: ReasonFacts): Sentence {
  const who = { ko: subject(name.ko), en: name.en };
  switch (reason) {
    case 'exception':
      return { ko: `${name.ko}에서 오류가 남`, en: `an error in ${name.en}` };
    case 'timeout':
    case 'no_answer':
      return { ko: `${who.ko} 응답하지 않음`, en: `${who.en} did not answer` };
    case 'refused':
      return { ko: `${name.ko}에 연결할 수 없음`, en: `${who.en} could not be reached` };
    case 'too_slow':
      return { ko: `${who.ko} 너무 늦게 응답함`, en: `${who.en} answered too late` };
    case 'error_answer':
      return {
        ko: `${who.ko} 오류${status > 0 ? `(${status})` : ''}를 돌려줌`,
        en: `${who.en} answered with an error${status > 0 ? ` (${status})` : ''}`,
      };
    case 'database_error':
      return { ko: `${name.ko}에서 오류가 남`, en: `an error in ${name.en}` };
    case 'client_request':
      return (
        STATUS_WORDS[status] ?? { ko: `요청이 거절됨(${status})`, en: `the request was refused (${status})` }
      );
    case 'client_left':
      return { ko: '응답을 기다리다 떠남', en: 'the client left before the answer came' };
    case 'client_exception':
      return { ko: '화면에서 오류가 남', en: 'an error in the page' };
    case 'client_network':
      return { ko: '브라우저가 서버에 닿지 못함', en: 'the browser could not reach the server' };
    case 'edge_limit':
      return { ko: `${who.ko} 요청을 막음(${status})`, en: `${who.en} refused the request (${status})` };
    case 'message_failed':
      return { ko: `${name.ko}에서 메시지를 처리하지 못함`, en: `a message failed in ${name.en}` };
    case 'unknown':
      return { ko: '원인이 기록에 나타나지 않음', en: 'the records do not say why' };
    case 'nothing_failed':
      return { ko: '실패한 것이 없음', en: 'nothing failed' };
  }
}
