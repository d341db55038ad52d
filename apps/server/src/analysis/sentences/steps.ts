/** Each step of a story as a sentence in both languages, from its fields alone, and the technical line beside it. */
import { actionText, thingText, type Sentence, type StepType, type WordLanguage } from '@sillok/api';
import type { Row } from '@sillok/query';
import { numberOf, resourceOf, textOf, valueOf } from '../row-fields.js';
import { cut, type Hop } from '../trace/hop.js';
import { object, subject, toward } from './josa.js';
import { both, requestName, serviceName, targetName } from './names.js';

const quoted = (text: string): Sentence => ({ ko: `‘${text}’`, en: `“${text}”` });

/** How it ended, as the tail of a sentence. */
function outcome(hop: Hop): Sentence {
  const status = hop.http?.status ?? 0;
  const code = status > 0 ? ` (${status})` : '';
  if (hop.failed || status >= 400) {
    const type = hop.error?.type ?? '';
    const what = type !== '' && type !== String(status) ? ` (${type})` : code;
    return { ko: `실패${what}`, en: `failed${what}` };
  }
  const ms = Math.round(hop.endMs - hop.startMs);
  return { ko: `성공 (${ms}ms)`, en: `done (${ms} ms)` };
}

/** `callee` is the service that a call reached, if it has a record. */
export function hopSentence(hop: Hop, callee?: string): Sentence {
  const end = outcome(hop);
  const name = serviceName(hop.service);
  switch (hop.type) {
    case 'click':
      return clicked(hop.label || hop.name);
    case 'page':
      return hop.row === null ? both(hop.name) : entrySentence(hop.row);
    case 'edge':
      return edgeSentence(hop, end);
    case 'request': {
      const what = requestName(hop.http?.method ?? '', hop.http?.route || hop.http?.path || hop.name);
      return { ko: `${name.ko}: ${what.ko} ${end.ko}`, en: `${name.en}: ${what.en} ${end.en}` };
    }
    case 'call': {
      const target = callee === undefined ? targetName(hop) : serviceName(callee);
      if (hop.isBrowser) {
        const what = requestName(hop.http?.method ?? '', hop.http?.path || hop.name);
        return { ko: `화면에서 ${what.ko} ${end.ko}`, en: `the page: ${what.en} ${end.en}` };
      }
      return {
        ko: `${subject(name.ko)} ${object(target.ko)} 호출 — ${end.ko}`,
        en: `${name.en} called ${target.en}: ${end.en}`,
      };
    }
    case 'query': {
      const target = targetName(hop);
      return {
        ko: `${subject(name.ko)} ${target.ko}에 질의 — ${end.ko}`,
        en: `${name.en} asked ${target.en}: ${end.en}`,
      };
    }
    case 'send': {
      const target = targetName(hop);
      return {
        ko: `${subject(name.ko)} ${target.ko}에 메시지를 보냄 — ${end.ko}`,
        en: `${name.en} sent a message to ${target.en}: ${end.en}`,
      };
    }
    case 'receive':
      return receiveSentence(hop, end);
    case 'work':
      return { ko: `${name.ko}: ${hop.name} ${end.ko}`, en: `${name.en}: ${hop.name} ${end.en}` };
    case 'missing':
      return { ko: '기록되지 않은 단계', en: 'a step without a record' };
  }
}

function clicked(label: string): Sentence {
  return { ko: `${object(quoted(label).ko)} 누름`, en: `clicked ${quoted(label).en}` };
}

function edgeSentence(hop: Hop, end: Sentence): Sentence {
  const attempts = hop.edge?.attempts ?? 0;
  const name = hop.service;
  if (attempts > 1) {
    const statuses = hop.edge?.statuses.join(', ') ?? '';
    return {
      ko: `${subject(name)} 요청을 ${attempts}번 보냄 (${statuses}) — ${end.ko}`,
      en: `${name} sent the request ${attempts} times (${statuses}): ${end.en}`,
    };
  }
  return { ko: `${subject(name)} 요청을 전달 — ${end.ko}`, en: `${name} passed the request on: ${end.en}` };
}

function receiveSentence(hop: Hop, end: Sentence): Sentence {
  const name = serviceName(hop.service);
  const target = targetName(hop);
  const attempt = hop.messaging?.delivery_attempt ?? 0;
  const times = attempt > 1 ? { ko: ` ${attempt}번째로`, en: ` for the ${ordinal(attempt)} time` } : both('');
  return {
    ko: `${subject(name.ko)} ${target.ko}의 메시지를${times.ko} 처리 — ${end.ko}`,
    en: `${name.en} took a message from ${target.en}${times.en}: ${end.en}`,
  };
}

function ordinal(number: number): string {
  const tail =
    number % 100 > 10 && number % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${tail}`;
}

export function hopDetail(hop: Hop): string {
  const parts = [hop.name];
  if (hop.http !== null) {
    const { method, path, status, address } = hop.http;
    parts.push([method, `${address}${path}`, status > 0 ? String(status) : ''].filter(Boolean).join(' '));
  }
  if (hop.db !== null) parts.push(hop.db.statement);
  if (hop.messaging !== null) parts.push(`${hop.messaging.destination} ${hop.messaging.message_id}`.trim());
  if (hop.edge !== null && hop.edge.addresses.length > 0) parts.push(`→ ${hop.edge.addresses.join(', ')}`);
  if (hop.error !== null) parts.push([hop.error.type, hop.error.message].filter(Boolean).join(': '));
  // What another part says already is left out.
  const told = parts.filter(
    (part, index) =>
      part !== '' &&
      !parts.some((other, at) => at !== index && other.includes(part) && (other !== part || at < index)),
  );
  return cut(told.join(' · '));
}

export function entryType(row: Row): StepType {
  const { kind, level } = row.record;
  if (kind === 'audit') return 'audit';
  if (kind !== 'event') return level === 'error' || level === 'fatal' ? 'error' : 'log';
  switch (textOf(row, 'event.name')) {
    case 'browser.click':
      return 'click';
    case 'browser.page_view':
    case 'browser.navigation':
      return 'page';
    case 'browser.exception':
    case 'browser.storm':
      return 'error';
    default:
      return 'event';
  }
}

export function entrySentence(row: Row): Sentence {
  const { kind, message } = row.record;
  if (kind === 'audit') return auditSentence(row);
  const page = textOf(row, 'url.path') || message.replace(/^\w+ /, '');
  switch (textOf(row, 'event.name')) {
    case 'browser.click':
      return clicked(textOf(row, 'browser.element.name') || message);
    case 'browser.page_view':
      return { ko: `${quoted(page).ko} 화면을 엶`, en: `opened ${quoted(page).en}` };
    case 'browser.navigation':
      return { ko: `${toward(quoted(page).ko)} 이동`, en: `went to ${quoted(page).en}` };
    case 'browser.exception': {
      const type = textOf(row, 'exception.type') || message;
      return { ko: `화면에서 오류가 남 (${type})`, en: `an error in the page (${type})` };
    }
    case 'browser.storm': {
      const count = textOf(row, 'repeat.count');
      return {
        ko: `화면에서 같은 일이 ${count}번 되풀이됨`,
        en: `the page repeated the same ${count} times`,
      };
    }
    case 'browser.web_vital':
      return vital(row);
    case 'identity.index':
      return { ko: '고객을 찾을 단서를 남김', en: 'noted by what the person can be found' };
    case 'identity.link':
      return { ko: '같은 사람으로 이어짐', en: `joined with who it was before` };
    default:
      return kind === 'log' && textOf(row, 'db.system.name') !== '' ? databaseLog(row) : both(cut(message));
  }
}

const RATINGS: Readonly<Record<string, string>> = {
  good: '좋음',
  'needs-improvement': '개선 필요',
  poor: '나쁨',
};

/** How quick the page was for this person: the short names are those of the field. */
function vital(row: Row): Sentence {
  const measured = `${textOf(row, 'browser.web_vital.name')} ${textOf(row, 'browser.web_vital.value')}`;
  const rating = textOf(row, 'browser.web_vital.rating');
  return {
    ko: `화면 속도: ${measured} (${RATINGS[rating] ?? rating})`,
    en: `speed of the page: ${measured} (${rating})`,
  };
}

/** What somebody did who opened a page, as a name. */
export function pageName(row: Row): Sentence {
  const page = quoted(textOf(row, 'url.path') || row.record.message);
  return { ko: `${page.ko} 화면 열기`, en: `the page ${page.en}` };
}

/** The service's own line says the same from its side: it must be seen which is which. */
function databaseLog(row: Row): Sentence {
  const duration = numberOf(row, 'duration_ms');
  const ms = duration === undefined ? undefined : Math.round(duration);
  const text = cut(row.record.message);
  return {
    ko: `데이터베이스의 로그: ${ms === undefined ? text : `느린 질의 (${ms}ms)`}`,
    en: `the database’s own log: ${ms === undefined ? text : `a slow statement (${ms} ms)`}`,
  };
}

const AUDIT_ENDS: Readonly<Record<string, Sentence>> = {
  intent: { ko: '하려고 함', en: 'is about to' },
  committed: { ko: '완료', en: 'done' },
  rolled_back: { ko: '취소됨', en: 'rolled back' },
  denied: { ko: '거절됨', en: 'denied' },
  failed: { ko: '실패', en: 'failed' },
  unknown: { ko: '결과를 모름', en: 'its end is not known' },
};

const SELF: Sentence = { ko: '본인', en: 'the person' };
/** Signed in to Sillok itself. */
const COLLEAGUE: Sentence = { ko: '동료', en: 'a colleague' };

/** A user who is not the person whose data it is may be a colleague of theirs, or the same one under another id. */
const ACTORS: Readonly<Record<string, Sentence>> = {
  user: { ko: '고객', en: 'a customer' },
  admin: { ko: '관리자', en: 'an admin' },
  system: { ko: '시스템', en: 'the system' },
  script: { ko: '스크립트', en: 'a script' },
};

function auditSentence(row: Row): Sentence {
  const action = textOf(row, 'audit.action') || row.record.message;
  const service = resourceOf(row, 'service.name');
  const end = AUDIT_ENDS[textOf(row, 'audit.outcome')] ?? both('?');
  const actor = actorOf(row);
  const whatIn = (language: WordLanguage): string =>
    [
      thingText(textOf(row, 'audit.entity.type'), language, service),
      textOf(row, 'audit.entity.id'),
      actionText({ action, service }, language),
    ]
      .filter(Boolean)
      .join(' ');
  return {
    ko: `${subject(actor.ko)} ${whatIn('ko')} — ${end.ko}`,
    en: `${actor.en}: ${whatIn('en')} — ${end.en}`,
  };
}

function actorOf(row: Row): Sentence {
  const type = textOf(row, 'audit.actor.type');
  const id = textOf(row, 'audit.actor.id');
  if (type === 'user' && id !== '' && id === textOf(row, 'audit.subject')) return SELF;
  return type === 'user' && id.startsWith('user:') ? COLLEAGUE : (ACTORS[type] ?? both(type || '?'));
}

export function entryDetail(row: Row): string {
  const parts = [row.record.message];
  const exception = [textOf(row, 'exception.type'), textOf(row, 'exception.message')]
    .filter(Boolean)
    .join(': ');
  if (exception !== '') parts.push(exception);
  if (valueOf(row, 'audit.reason') !== undefined) parts.push(textOf(row, 'audit.reason'));
  return cut(parts.filter((part) => part !== '').join(' · '));
}

export function entryService(row: Row): string {
  return resourceOf(row, 'service.name') || row.context.producer;
}
