/** The sentences of messages, in the language of their target. */
import type { AlertKind } from '@sillok/api';

export type Language = 'en' | 'ko';

/** Kinds of the rules that are there from the start. */
export type BuiltInKind = Exclude<AlertKind, 'threshold' | 'absence' | 'new_pattern' | 'error_rate'>;

export interface MessageWords {
  readonly state: Readonly<Record<'open' | 'acknowledged' | 'resolved' | 'came_back', string>>;
  readonly kind: Readonly<Record<AlertKind, string>>;
  /** Names of the rules that are there from the start. */
  readonly rule: Readonly<Record<BuiltInKind, string>>;
  readonly removedRule: string;
  readonly count: (count: string) => string;
  readonly people: (people: string, atLeast: boolean) => string;
  readonly parts: (count: string) => string;
  readonly nobody: string;
  readonly services: string;
  readonly release: string;
  readonly since: string;
  readonly unnoticed: (length: string) => string;
  readonly lasted: (length: string) => string;
  readonly acknowledged: (by: string) => string;
  readonly open: string;
  readonly openAlert: string;
  readonly openPlace: string;
  readonly testTitle: string;
  readonly unit: Readonly<Record<'s' | 'm' | 'h' | 'd', string>>;
}

const english: MessageWords = {
  state: { open: 'New', acknowledged: 'Seen', resolved: 'Resolved', came_back: 'Came back' },
  kind: {
    threshold: 'threshold',
    absence: 'nothing arrives',
    new_pattern: 'new kind of message',
    error_rate: 'error rate',
    new_error: 'new error',
    dependency: 'dependency fails',
    silent: 'source is silent',
    lag: 'source lags',
    gaps: 'records are missing',
    bulk_deletion: 'bulk deletion',
    replay: 'second database is left behind',
    approval: 'waits for approval',
    script_still: 'script stands still',
    flood: 'many new errors',
    cannot_evaluate: 'rule cannot be evaluated',
  },
  rule: {
    new_error: 'An error that is new or came back',
    dependency: 'A dependency fails while its process looks healthy',
    silent: 'A source fell silent',
    lag: 'A source lags',
    gaps: 'Records are missing',
    bulk_deletion: 'One actor deletes a lot at once',
    replay: 'A second database is left behind',
    approval: 'Something waits for approval',
    script_still: 'A run of a script stands still',
    flood: 'Many new errors at once',
    cannot_evaluate: 'A rule cannot be evaluated',
  },
  removedRule: 'a removed rule',
  count: (count) => `${count} times`,
  people: (people, atLeast) => `${atLeast ? 'at least ' : ''}${people} people affected`,
  parts: (count) => `${count === '1' ? '1 more alert is' : `${count} more alerts are`} part of it`,
  nobody: 'no people named',
  services: 'service',
  release: 'release',
  since: 'since',
  unnoticed: (length) => `went unnoticed for ${length}`,
  lasted: (length) => `lasted ${length}`,
  acknowledged: (by) => `acknowledged by ${by}`,
  open: 'Open this search',
  openAlert: 'Open this alert',
  openPlace: 'Look at it and decide',
  testTitle: 'A test message. Nothing happened.',
  unit: { s: ' s', m: ' min', h: ' h', d: ' d' },
};

const korean: MessageWords = {
  state: { open: '발생', acknowledged: '확인함', resolved: '해결', came_back: '재발' },
  kind: {
    threshold: '임계값',
    absence: '기록이 없음',
    new_pattern: '새로운 종류의 메시지',
    error_rate: '오류율',
    new_error: '새 오류',
    dependency: '의존성 실패',
    silent: '소스가 조용해짐',
    lag: '소스가 늦음',
    gaps: '빠진 기록',
    bulk_deletion: '대량 삭제',
    replay: '두 번째 데이터베이스가 뒤처짐',
    approval: '승인 대기',
    script_still: '멈춰 선 스크립트',
    flood: '새 오류 다수',
    cannot_evaluate: '평가할 수 없는 규칙',
  },
  rule: {
    new_error: '처음이거나 다시 나타난 오류',
    dependency: '프로세스는 멀쩡해 보이는데 의존성이 실패함',
    silent: '소스가 조용해짐',
    lag: '소스가 늦음',
    gaps: '기록이 빠짐',
    bulk_deletion: '한 사람이 한꺼번에 많이 삭제함',
    replay: '두 번째 데이터베이스가 뒤처짐',
    approval: '승인을 기다리는 일이 있음',
    script_still: '스크립트 실행이 멈춰 서 있음',
    flood: '새 오류가 한꺼번에 많이 나타남',
    cannot_evaluate: '규칙을 평가할 수 없음',
  },
  removedRule: '지워진 규칙',
  count: (count) => `${count}회`,
  people: (people, atLeast) => `영향받은 사람 ${people}명${atLeast ? ' 이상' : ''}`,
  parts: (count) => `이 일에서 생긴 다른 알림 ${count}개`,
  nobody: '사람 정보 없음',
  services: '서비스',
  release: '버전',
  since: '시작',
  unnoticed: (length) => `알아채기까지 ${length}`,
  lasted: (length) => `지속 ${length}`,
  acknowledged: (by) => `${by} 확인`,
  open: '이 검색 열기',
  openAlert: '이 알림 열기',
  openPlace: '열어서 결정하기',
  testTitle: '시험 메시지입니다. 아무 일도 없습니다.',
  unit: { s: '초', m: '분', h: '시간', d: '일' },
};

export function messageWords(language: Language): MessageWords {
  return language === 'ko' ? korean : english;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** The two largest units: `2 h 5 min`. */
export function lengthText(ms: number, { unit }: MessageWords): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (name === 's' && parts.length === 0)) parts.push(`${count}${unit[name]}`);
  }
  return parts.slice(0, 2).join(' ');
}
