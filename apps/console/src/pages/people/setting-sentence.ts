/**
 * A change of settings in Korean. The server keeps one sentence in English with each, as part of the record; what is not known here is
 * shown as it is kept. The names in it are taken over and nothing else.
 */
import { languageStore } from '../../words/dictionary.js';

const ROLES: Readonly<Record<string, string>> = { viewer: '보기', member: '구성원', admin: '관리자' };
const ENDS: Readonly<Record<string, string>> = {
  created: '만듦',
  changed: '바꿈',
  removed: '지움',
  saved: '저장',
  revoked: '철회',
  begun: '시작',
  ended: '끝냄',
  'is over': '시간이 다 됨',
};
const THINGS: Readonly<Record<string, string>> = {
  'alert rule': '알림 규칙',
  target: '알림 대상',
  dashboard: '대시보드',
  report: '보고서',
  search: '검색',
};
const USER_STATES: Readonly<Record<string, string>> = {
  'was disabled': '정지',
  'was enabled again': '다시 사용',
  'is now an owner': '소유자로 지정',
  'is no longer an owner': '소유자 해제',
  'was saved without a change': '바뀐 것 없이 저장',
};

type Sentence = (...parts: readonly string[]) => string;

const SENTENCES: readonly (readonly [RegExp, Sentence])[] = [
  [/^(.+) signed in$/s, (who) => `${who} 로그인`],
  [/^session of (.+) ended by (.+)$/s, (whose, by) => `${whose}의 세션 종료 (${by})`],
  [/^password of (.+) changed$/s, (who) => `${who} 비밀번호 변경`],
  [/^password of (.+) set by a reset link$/s, (who) => `${who} 재설정 링크로 비밀번호 설정`],
  [/^a reset link for (.+) was made$/s, (who) => `${who} 재설정 링크 발급`],
  [/^user (.+) created as\sowner$/s, (who) => `사용자 ${who} 만듦 (소유자)`],
  [/^user (.+) created by invitation$/s, (who) => `사용자 ${who} 만듦 (초대)`],
  [/^user (\S+) (created|removed)$/s, (who, end = '') => `사용자 ${who} ${ENDS[end]}`],
  [
    /^user (\S+) (was disabled|was enabled again|is now an owner|is no longer an owner|was saved without a change)$/s,
    (who, state = '') => `사용자 ${who} ${USER_STATES[state]}`,
  ],
  [/^(\S+) invited as\s(viewer|member|admin)$/s, (who, role = '') => `${who} 초대 (${ROLES[role]})`],
  [/^(\S+) is now (viewer|member|admin)$/s, (who, role = '') => `${who} 역할: ${ROLES[role]}`],
  [
    /^(\S+) accepted the invitation as\s(viewer|member|admin)$/s,
    (who, role = '') => `${who} 초대 수락 (${ROLES[role]})`,
  ],
  [/^the invitation of (.+) was used$/s, (who) => `${who}의 초대 사용됨`],
  [/^an invitation was withdrawn$/s, () => '초대 취소'],
  [/^(\S+) removed from the project$/s, (who) => `${who} 프로젝트에서 내보냄`],
  [/^project (\S+) created$/s, (id) => `프로젝트 ${id} 만듦`],
  [/^project (\S+) archived$/s, (id) => `프로젝트 ${id} 보관`],
  [/^project (\S+) opened again$/s, (id) => `프로젝트 ${id} 다시 열기`],
  [/^project (\S+) renamed to "(.*)"$/s, (id, name) => `프로젝트 ${id} 이름: “${name}”`],
  [
    /^key (\S+) "(.*)" created for project (\S+)$/s,
    (id, name, of) => `키 “${name}”(${id}) 만듦, 프로젝트 ${of}`,
  ],
  [/^key (\S+) "(.*)" revoked$/s, (id, name) => `키 “${name}”(${id}) 철회`],
  [
    /^(alert rule|target|dashboard|report|search) "(.*)" (created|changed|removed|saved)$/s,
    (thing = '', name, end = '') => `${THINGS[thing]} “${name}” ${ENDS[end]}`,
  ],
  [/^alert rule muted for (\d+) minutes$/s, (minutes) => `알림 규칙 ${minutes}분 동안 끔`],
  [/^a wall link of dashboard "(.*)" was made$/s, (name) => `대시보드 “${name}”의 벽 링크 만듦`],
  [/^a wall link was withdrawn$/s, () => '벽 링크 취소'],
  [/^a search was starred$/s, () => '검색에 별표'],
  [/^a star was taken away$/s, () => '별표 지움'],
  [/^error given to (.+?): (.*)$/s, (who, title) => `오류 담당 ${who}: ${title}`],
  [/^debug session (\S+) (begun|ended|is over)$/s, (id, end = '') => `디버그 세션 ${id} ${ENDS[end]}`],
  [/^the addresses of other systems for errors changed$/s, () => '오류를 여는 다른 시스템의 주소 바꿈'],
];

export function settingSentence(message: string): string {
  if (languageStore.get() === 'en') return message;
  for (const [pattern, sentence] of SENTENCES) {
    const match = pattern.exec(message);
    if (match !== null) return sentence(...match.slice(1));
  }
  return message;
}
