/** What services, dependencies and requests are called in a sentence. */
import type { Sentence } from '@sillok/api';
import type { Hop } from '../trace/hop.js';
import { wordOf, type Word } from './words.js';

export const both = (text: string): Sentence => ({ ko: text, en: text });

const DATABASES: ReadonlySet<string> = new Set(['query']);
/** Parts of a service's name that say only that it is one. */
const PLAIN = /^(service|server|svc|api|app|srv|backend|prod|dev|test)$/i;

/** `auth-service` → 인증 서버 / the auth service. */
export function serviceName(name: string): Sentence {
  const parts = name.split(/[-_.\s]+/).filter((part) => part !== '' && !PLAIN.test(part));
  const words = parts.map(wordOf);
  if (parts.length === 0 || words.some((word) => word === undefined)) {
    return { ko: name, en: name };
  }
  const known = words.filter((word) => word !== undefined);
  return {
    ko: `${known.map(({ ko }) => ko).join(' ')} 서버`,
    en: `the ${known.map(({ en }) => en).join(' ')} service`,
  };
}

/** What a call goes to: a database, a queue, another host. */
export function targetName(hop: Hop): Sentence {
  if (hop.db !== null && DATABASES.has(hop.type)) {
    const { system, namespace } = hop.db;
    const name = namespace === '' ? system : `${system} ${namespace}`;
    return { ko: `데이터베이스(${name})`, en: `the database (${name})` };
  }
  if (hop.messaging !== null) {
    const name = hop.messaging.destination || hop.messaging.system;
    return { ko: `대기열(${name})`, en: `the queue (${name})` };
  }
  const host = (hop.http?.address ?? '').replace(/:\d+$/, '');
  if (host === '') return both(hop.name);
  const isPlain = /^[\d.:[\]]+$/.test(host) || host === 'localhost';
  return isPlain ? both(hop.http?.address ?? host) : serviceName(host.split('.')[0] ?? host);
}

const VERBS: Readonly<Record<string, Sentence>> = {
  GET: { ko: '조회', en: 'look-up' },
  HEAD: { ko: '조회', en: 'look-up' },
  POST: { ko: '등록', en: 'creation' },
  PUT: { ko: '변경', en: 'change' },
  PATCH: { ko: '변경', en: 'change' },
  DELETE: { ko: '삭제', en: 'deletion' },
};

/** `POST /login/kakao` → 카카오 로그인 / Kakao login. A route with a word that is not known keeps its own text. */
export function requestName(method: string, route: string): Sentence {
  const plain = `${method} ${route}`.trim();
  const parts = route.split('/').filter((part) => part !== '' && !isNoise(part));
  const words = parts.flatMap((part) => (wordOf(part) ? [part] : part.split(/[-_.]/))).map(wordOf);
  const known = words.filter((word) => word !== undefined);
  if (known.length === 0 || known.length < words.length) return { ko: `${plain} 요청`, en: plain };
  const ordered = [
    ...known.filter(({ isProvider }) => isProvider),
    ...known.filter((word) => !word.isProvider),
  ];
  const verb = verbOf(method, ordered);
  return {
    ko: [...new Set(ordered.map(({ ko }) => ko)), ...(verb === undefined ? [] : [verb.ko])].join(' '),
    en: [...new Set(ordered.map(({ en }) => en)), ...(verb === undefined ? [] : [verb.en])].join(' '),
  };
}

function verbOf(method: string, words: readonly Word[]): Sentence | undefined {
  const isDone = words.some(({ isAction }) => isAction === true);
  const isLogin = words.some(({ ko }) => ko === '로그인');
  if (isDone && (method === 'POST' || isLogin)) return undefined;
  return VERBS[method];
}

/** Parts of a path that name no thing: versions, parameters, ids. */
function isNoise(part: string): boolean {
  return /^(api|rest|graphql|v\d+)$/i.test(part) || /^[:{*<]/.test(part) || /\d/.test(part);
}
