/**
 * What was done, in words that anybody on the team reads aloud: `order.change_address` → “change address”, “주소 변경”. Names that a
 * team gives its own actions are put together from verbs and things; those that Sillok itself writes down stand here one by one, and a
 * test finds each of them in the code.
 */
export type WordLanguage = 'en' | 'ko';

export interface NamedAction {
  readonly action: string;
  /** `service.name` of who wrote it down: Sillok's own `member.create` is no customer's. */
  readonly service?: string | undefined;
}

type Pair = readonly [en: string, ko: string];

const OURSELVES = 'sillok';

/** Verbs of actions (`order.change_address`) and things they are done to, where a colleague of any team knows a word. */
const VERBS_KO: Readonly<Record<string, string>> = {
  create: '생성',
  add: '추가',
  update: '수정',
  change: '변경',
  set: '설정',
  delete: '삭제',
  remove: '삭제',
  restore: '복원',
  undo: '되돌리기',
  cancel: '취소',
  refund: '환불',
  pay: '결제',
  approve: '승인',
  reject: '거절',
  read: '조회',
  view: '조회',
  lookup: '조회',
  open: '열람',
  search: '검색',
  list: '목록 조회',
  export: '내보내기',
  download: '다운로드',
  print: '출력',
  erase: '파기',
  sync: '동기화',
  correct: '정정',
  discount: '할인',
  requested: '승인 요청',
  rejected: '반려',
};

const THINGS_KO: Readonly<Record<string, string>> = {
  order: '주문',
  member: '회원',
  user: '사용자',
  person: '고객',
  customer: '고객',
  product: '상품',
  payment: '결제',
  address: '주소',
  status: '상태',
  state: '상태',
  price: '가격',
  password: '비밀번호',
  amount: '금액',
  script: '스크립트',
  undo: '되돌리기',
};

/** What Sillok itself holds. */
const OWN_THINGS: Readonly<Record<string, Pair>> = {
  access_review: ['access review', '접속기록 점검'],
  alert: ['alert', '알림'],
  alert_rule: ['alert rule', '알림 규칙'],
  alert_target: ['alert target', '알림 대상'],
  browser: ['browser app', '브라우저 앱'],
  dashboard: ['dashboard', '대시보드'],
  database: ['database', '데이터베이스'],
  debug_route: ['debug session', '디버그 세션'],
  demo: ['demo', '데모'],
  error: ['error', '오류'],
  error_links: ['links of errors', '오류 링크'],
  invitation: ['invitation', '초대'],
  key: ['access key', '액세스 키'],
  member: ['team member', '팀 구성원'],
  person: ['customer', '고객'],
  project: ['project', '프로젝트'],
  report: ['report', '보고서'],
  replay: ['replay', '재전송'],
  route: ['debug session', '디버그 세션'],
  saved: ['saved search', '저장한 검색'],
  session: ['session', '로그인 세션'],
  signing_key: ['signing key', '서명 키'],
  source_maps: ['source maps', '소스맵'],
  star: ['star of a search', '검색 별표'],
  user: ['user', '사용자'],
  wall: ['wall link', '벽 링크'],
};

/** Of what people make in Sillok, unless it is said otherwise below. */
const OWN_VERBS: Readonly<Record<string, Pair>> = {
  create: ['created', '만듦'],
  change: ['changed', '바꿈'],
  delete: ['deleted', '지움'],
  clear: ['taken away', '해제'],
};

const OWN_ACTIONS: Readonly<Record<string, Pair>> = {
  'access_review.sign_off': ['signed off', '점검 완료'],
  'alert.acknowledge': ['taken on', '확인함'],
  'alert.mute': ['muted', '잠시 끔'],
  'alert.resolve': ['resolved', '해결함'],
  'alert_target.test': ['tried out', '시험 전송'],
  'browser.kill': ['silenced', '수집 멈춤'],
  'browser.restore': ['heard again', '수집 다시 시작'],
  'database.query': ['queried', '조회'],
  'debug_route.create': ['begun', '시작'],
  'debug_route.clear': ['ended', '끝냄'],
  'demo.start': ['started', '시작'],
  'demo.stop': ['stopped', '멈춤'],
  'error.create': ['owner or state set', '담당자·상태 정함'],
  'error.change': ['owner or state changed', '담당자·상태 바꿈'],
  'invitation.create': ['sent', '보냄'],
  'invitation.delete': ['withdrawn or used', '취소 또는 사용됨'],
  'key.revoke': ['revoked', '철회'],
  'member.create': ['joined the project', '프로젝트에 들어옴'],
  'member.change': ['role changed', '역할 바꿈'],
  'member.delete': ['taken out of the project', '프로젝트에서 내보냄'],
  'person.erase': ['erased', '파기'],
  'person.lookup': ['looked up', '찾아봄'],
  'person.open': ['sealed data opened', '암호화된 정보 열람'],
  'person.view': ['what they did was looked at', '활동 조회'],
  'replay.forget': ['taken off the list', '목록에서 뺌'],
  'report.send': ['sent', '보냄'],
  'route.create': ['begun', '시작'],
  'route.end': ['ended', '끝냄'],
  'session.end': ['ended', '끊음'],
  'session.enter': ['went into another project', '다른 프로젝트로 이동'],
  'session.sign_in': ['signed in', '로그인'],
  'session.sign_out': ['signed out', '로그아웃'],
  'signing_key.rotate': ['changed for a new one', '새 것으로 교체'],
  'source_maps.delete': ['deleted', '지움'],
  'source_maps.upload': ['uploaded', '올림'],
};

/** What `@sillok/admin` writes down in the name of a team's own service. */
const ADMIN_ACTIONS: Readonly<Record<string, Pair>> = {
  'script.plan': ['tried out, nothing changed', '시험 실행 (바뀐 것 없음)'],
  'script.apply': ['applied', '실제 실행'],
  'script.apply.requested': ['asked to be approved', '실행 승인 요청'],
  'script.apply.rejected': ['turned down', '실행 반려'],
  'script.resume': ['resumed', '이어서 실행'],
  'script.retry': ['failed items tried again', '실패한 항목 다시 실행'],
  'undo.run': ['changes put back', '변경 되돌리기 실행'],
};

/** Last words, of any type of entity: what an undo did to one. */
const UNDO_WAYS: Readonly<Record<string, Pair>> = {
  undo_restore: ['made again by an undo', '되돌리기로 다시 만듦'],
  undo_remove: ['removed by an undo', '되돌리기로 지움'],
  undo_update: ['put back by an undo', '되돌리기로 이전 값 복원'],
};

/** Steps of an action that waits for a second person: `order.refund.requested`. */
const STEPS: ReadonlySet<string> = new Set(['requested', 'rejected']);

export function actionText({ action, service }: NamedAction, language: WordLanguage): string {
  const parts = action.split('.');
  const last = parts.at(-1) ?? '';
  const own = service === OURSELVES ? (OWN_ACTIONS[action] ?? OWN_VERBS[last]) : undefined;
  const known = own ?? ADMIN_ACTIONS[action] ?? UNDO_WAYS[last];
  if (known !== undefined) return inLanguage(known, language);
  if (!STEPS.has(last) || parts.length < 3) return verbText(last, language);
  return `${verbText(parts.at(-2) ?? '', language)} ${verbText(last, language)}`;
}

export function thingText(type: string, language: WordLanguage, service?: string): string {
  const own = OWN_THINGS[type];
  if (own !== undefined && (service === OURSELVES || type.includes('_'))) return inLanguage(own, language);
  return language === 'ko' ? (THINGS_KO[type] ?? type) : type.replaceAll('_', ' ');
}

function verbText(name: string, language: WordLanguage): string {
  const [verb = '', ...rest] = name.split(/[_\s-]+/);
  if (language === 'en') return [verb, ...rest].join(' ');
  const known = VERBS_KO[verb];
  const things = rest.map((word) => THINGS_KO[word] ?? word);
  return known === undefined ? [verb, ...things].join(' ') : [...things, known].join(' ');
}

function inLanguage([en, ko]: Pair, language: WordLanguage): string {
  return language === 'en' ? en : ko;
}
