/**
 * Why the server or a service refused, in Korean, by its stable code. The server speaks English; its own words follow where they name
 * something that the sentence cannot know: a name, a limit, what the database said. A test holds every code that a person can meet
 * against this list.
 */
import type { ReadErrorCode } from '@sillok/api';
import type { Failure } from '../api/http.js';
import { languageStore } from '../words/dictionary.js';

/** `more`: what the server said is shown, too. */
type Refusal = readonly [message: string, help: string, more?: 'more'];

/** A code of the contract without a sentence here does not compile. */
const READING: Readonly<Record<ReadErrorCode, Refusal>> = {
  request_invalid: ['보낸 내용 중에 맞지 않는 것이 있습니다.', '아래에 적힌 항목을 고치세요.', 'more'],
  query_invalid: ['검색식을 읽을 수 없습니다.', '표시된 곳을 고치세요.', 'more'],
  time_invalid: ['시각을 읽을 수 없습니다.', '2026-11-21, -15m, -1h, now처럼 쓰세요.', 'more'],
  cursor_invalid: ['이 자리에서 이어서 읽을 수 없습니다.', '처음부터 다시 검색하세요.'],
  cursor_mismatch: ['다른 검색에서 이어 읽으려 했습니다.', '처음부터 다시 검색하세요.'],
  token_invalid: ['flush()가 준 토큰이 아닙니다.', '받은 그대로 보내세요.'],
  token_project_mismatch: ['다른 프로젝트의 토큰입니다.', '기록을 쓴 프로젝트에서 물어보세요.'],
  not_visible_yet: ['기다리는 기록이 아직 검색되지 않습니다.', '잠시 뒤 다시 시도하세요.', 'more'],
  record_not_found: ['그런 기록이 없습니다.', '보관 기간이 지났을 수 있습니다.'],
  trace_not_found: [
    '이 id의 트레이스가 없습니다.',
    'id와 기간을 확인하세요. 보관 기간이 지났을 수 있습니다.',
  ],
  pipes_refused: ['여기서는 파이프(|)를 쓸 수 없습니다.', '첫 | 뒤를 지우거나 검색 화면에서 쓰세요.'],
  export_too_large: ['내보내기에는 너무 많습니다.', '기간을 줄이거나 건수를 정하세요.', 'more'],
  sql_refused: ['허용되지 않는 SQL입니다.', 'records에 대한 SELECT 하나만 쓸 수 있습니다.', 'more'],
  sql_invalid: ['SQL을 실행할 수 없습니다.', '엔진의 설명이 어디가 틀렸는지 말해 줍니다.', 'more'],
  sql_param_invalid: ['SQL 매개변수가 없거나 형이 맞지 않습니다.', '모든 {이름:형}에 값을 주세요.', 'more'],
  sql_too_expensive: [
    '질의 하나에 허용된 것보다 많이 필요합니다.',
    '기간을 줄이거나 더 많이 집계하세요.',
    'more',
  ],
  query_timeout: [
    '시간이 너무 오래 걸려 중단했습니다.',
    '기간을 줄이거나 더 많이 집계하세요. 남아서 도는 것은 없습니다.',
  ],
  query_cancelled: ['취소된 질의입니다.', '실수였다면 다시 실행하세요.'],
  query_not_found: ['그런 질의가 없습니다.', '이미 끝났을 수 있습니다.'],
  too_many_queries: ['지금 도는 질의가 너무 많습니다.', '하나가 끝난 뒤 다시 시도하세요.'],
  engine_unavailable: [
    '검색 엔진을 지금 쓸 수 없습니다.',
    '기록은 계속 받아 보관하고 있으며, 검색은 저절로 돌아옵니다.',
  ],
};

const SIGN_IN: Readonly<Record<string, Refusal>> = {
  key_missing: ['로그인이 필요합니다.', '다시 로그인하세요.'],
  key_unknown: ['알 수 없거나 폐기된 키 또는 세션입니다.', '다시 로그인하거나 새 키를 만드세요.'],
  scope_missing: ['이 일을 할 권한이 없습니다.', '프로젝트 관리자에게 권한을 요청하세요.', 'more'],
  origin_refused: ['이 주소에서 온 요청은 받지 않습니다.', '서버의 주소로 직접 접속하세요.'],
  project_archived: [
    '보관 처리된 프로젝트입니다. 지워진 것은 없습니다.',
    '서버 소유자가 사람과 키 › 프로젝트에서 다시 열 수 있습니다.',
  ],
  sign_in_failed: [
    '주소나 비밀번호가 틀렸거나, 로그인할 수 없는 계정입니다.',
    '다시 시도하거나 프로젝트 관리자에게 초대를 요청하세요.',
  ],
  too_many_attempts: ['로그인 실패가 너무 많았습니다.', '잠시 기다렸다가 다시 시도하세요.'],
  link_used: ['이미 썼거나 취소되었거나 만료된 링크입니다.', '새 링크를 요청하세요.'],
  not_allowed: ['허용되지 않은 일입니다.', '프로젝트 관리자나 서버 소유자에게 요청하세요.', 'more'],
  oidc_failed: ['외부 로그인에 실패했습니다.', '로그인 화면에서 다시 시작하세요.', 'more'],
  saml_failed: ['SAML 로그인에 실패했습니다.', '로그인 화면에서 다시 시작하세요.', 'more'],
  user_exists: ['그런 사용자가 이미 있습니다.', '구성원으로 추가하세요.', 'more'],
  user_disabled: ['사용 중지된 계정입니다.', '계정을 다시 켠 뒤 하세요.', 'more'],
  project_exists: ['그런 프로젝트가 이미 있습니다.', '다른 이름을 고르세요.', 'more'],
  key_invalid: ['키의 이름, 권한 또는 프로젝트가 맞지 않습니다.', '아래에 적힌 항목을 고치세요.', 'more'],
  too_many_keys: ['키가 너무 많습니다.', '쓰지 않는 키를 폐기하세요.'],
};

const SERVER: Readonly<Record<string, Refusal>> = {
  not_found: ['찾는 것이 없습니다.', '지워졌거나 다른 프로젝트의 것일 수 있습니다.', 'more'],
  too_many_objects: ['이 프로젝트에는 더 만들 수 없습니다.', '아무도 쓰지 않는 것을 지우세요.', 'more'],
  too_many_kills: ['끈 앱이 너무 많습니다.', '필요 없는 것을 다시 켜세요.', 'more'],
  too_many_source_maps: ['소스맵이 너무 많습니다.', '오래된 릴리스의 것을 지우세요.', 'more'],
  source_map_invalid: ['소스맵이 아닙니다.', '빌드가 만든 .map 파일을 보내세요.', 'more'],
  bad_route: ['디버그 경로를 만들 수 없습니다.', '아래에 적힌 항목을 고치세요.', 'more'],
  body_too_large: ['보낸 내용이 너무 큽니다. 저장된 것은 없습니다.', '나누어 보내세요.'],
  body_broken: ['보낸 내용을 끝까지 읽을 수 없습니다. 저장된 것은 없습니다.', '다시 시도하세요.'],
  headers_too_large: ['주소가 너무 깁니다.', '검색식을 줄이세요.'],
  request_timeout: ['요청이 제때 도착하지 않았습니다.', '다시 시도하세요.'],
  overloaded: ['서버가 지금은 받을 수 없습니다. 저장된 것은 없습니다.', '잠시 뒤 다시 시도하세요.', 'more'],
  stopping: ['서버가 멈추는 중입니다. 저장된 것은 없습니다.', '잠시 뒤 다시 시도하세요.'],
  disk_full: [
    '서버의 디스크가 가득 찼습니다. 이 요청은 저장되지 않았고, 전에 받은 것은 안전합니다.',
    '공간을 비우거나 보관 기간을 줄인 뒤 다시 시도하세요.',
  ],
  queue_failed: [
    '서버가 디스크에 쓰지 못했습니다. 이 요청은 저장되지 않았고, 전에 받은 것은 안전합니다.',
    '서버의 로그와 디스크를 확인한 뒤 다시 시도하세요.',
  ],
  internal: ['서버에 오류가 있었습니다.', '다시 시도하세요. 서버의 로그에 자세한 내용이 있습니다.'],
  identity_unavailable: [
    '신원 키를 쓸 수 없습니다. 기록은 계속 받고 있으며 잃는 것은 없습니다.',
    '신원 폴더의 keys.json을 되돌리고 서버를 다시 시작하세요.',
    'more',
  ],
  person_not_found: ['이 프로젝트에 그 사람의 기록이 없습니다.', '고객 찾기에서 다시 찾으세요.'],
  audit_not_kept: [
    '감사 기록에 남길 수 없어서 하지 않았습니다.',
    '서버가 기록을 다시 받으면 다시 시도하세요.',
    'more',
  ],
};

const DELIVERY: Readonly<Record<string, Refusal>> = {
  target_refused: [
    '이 주소로는 보내지 않습니다.',
    '공개된 주소를 쓰세요. 사내 주소라면 운영자가 SILLOK_ALLOW_PRIVATE_TARGETS=1로 서버를 시작해야 합니다.',
    'more',
  ],
  target_unreachable: ['대상에 연결할 수 없습니다.', '주소와 방화벽을 확인하세요.', 'more'],
  target_answered: ['대상이 메시지를 거절했습니다.', '웹훅 주소나 봇 토큰, 채널을 확인하세요.', 'more'],
  mail_not_configured: ['메일 서버가 설정되지 않았습니다.', '운영자가 SILLOK_SMTP_URL을 정해야 합니다.'],
  mail_failed: ['메일을 보내지 못했습니다.', '주소와 메일 서버를 확인하세요.', 'more'],
};

const DATABASE: Readonly<Record<string, Refusal>> = {
  database_unknown: ['이 프로젝트에는 그런 데이터베이스가 없습니다.', '목록에서 고르세요.', 'more'],
  database_unreachable: [
    '데이터베이스에 연결할 수 없습니다. 실행된 것은 없습니다.',
    '주소, 방화벽, 역할의 비밀번호를 확인하세요.',
    'more',
  ],
  database_writable: [
    '이 역할은 읽기 말고도 할 수 있어서 아무것도 실행하지 않았습니다.',
    '읽기만 하는 역할을 주세요.',
    'more',
  ],
  database_statement_refused: ['문장을 실행하지 않았습니다.', '값은 {이름}으로 넣으세요.', 'more'],
  database_statement_failed: [
    '데이터베이스가 문장을 거절했습니다. 쓰인 것은 없습니다.',
    '아래의 설명을 보고 고치세요.',
    'more',
  ],
  database_gone: [
    '문장을 실행하는 동안 데이터베이스가 사라졌습니다. 쓰인 것은 없습니다.',
    '돌아오면 다시 물어보세요.',
    'more',
  ],
  database_timeout: ['문장이 너무 오래 걸려 데이터베이스가 끝냈습니다.', '더 적게 물어보세요.', 'more'],
  database_cancelled: ['취소한 문장입니다.', '데이터베이스에서 더는 돌지 않습니다.'],
  database_busy: ['그 데이터베이스에서 도는 문장이 너무 많습니다.', '하나가 끝나기를 기다리거나 취소하세요.'],
};

/** What the admin API of a service of the team answers, and what happens on the way there. */
const SERVICE: Readonly<Record<string, Refusal>> = {
  service_away: [
    '서비스에 연결할 수 없습니다. 바뀐 것은 없습니다.',
    '서비스가 돌면 다시 시도하세요.',
    'more',
  ],
  service_answered: ['서비스의 답이 관리 API가 아닙니다.', '운영자가 주소를 확인해야 합니다.', 'more'],
  service_refused: [
    '서비스가 이 서버를 믿지 않습니다.',
    '이름과 비밀, 시계가 양쪽에서 같아야 합니다.',
    'more',
  ],
  outcome_unknown: [
    '제때 답이 없어서 실행되었는지 아직 모릅니다.',
    '다시 확인을 누르세요. 몇 번을 보내도 한 번만 실행됩니다.',
  ],
  action_failed: ['하지 못했습니다.', '이력에서 어디까지 되었는지 확인하세요.', 'more'],
  action_refused: ['서비스가 거절했습니다. 바뀐 것은 없습니다.', '이유를 보고 고치세요.', 'more'],
  approval_refused: ['승인할 수 없습니다.', '다른 사람이 승인해야 하거나, 요청이 이미 끝났습니다.', 'more'],
  body_invalid: ['보낸 내용을 읽을 수 없습니다.', '화면을 새로 고치고 다시 시도하세요.', 'more'],
  id_missing: ['무엇을 바꿀지 정해지지 않았습니다.', '목록에서 하나를 고르세요.'],
  input_invalid: ['입력이 맞지 않습니다.', '아래에 적힌 항목을 고치세요.', 'more'],
  not_signed: ['서명이 없는 요청입니다.', '이 서버를 거쳐서 하세요.'],
  plan_missing: ['먼저 미리 보기가 필요합니다.', '무엇이 바뀔지 본 뒤 확인하세요.'],
  production_refused: ['운영 환경에서는 하지 않습니다.', '승인을 받거나 시험 환경에서 하세요.', 'more'],
  reason_missing: ['이유가 필요합니다.', '왜 하는지 적으세요.'],
  role_missing: ['이 일을 할 역할이 없습니다.', '프로젝트 관리자에게 요청하세요.', 'more'],
  row_invalid: ['서비스가 준 행을 읽을 수 없습니다.', '서비스를 맡은 개발자에게 알리세요.', 'more'],
  stale: ['본 뒤에 다른 사람이 바꾸었습니다. 덮어쓰지 않았습니다.', '지금의 값을 보고 다시 정하세요.'],
};

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  ...READING,
  ...SIGN_IN,
  ...SERVER,
  ...DELIVERY,
  ...DATABASE,
  ...SERVICE,
};

export interface ToldRefusal {
  readonly message: string;
  readonly help: string;
  /** The server's own words, in English. */
  readonly more: string | undefined;
}

/** In the reader's language, as far as its code has words there. */
export function toldRefusal({ code, message, help }: Failure): ToldRefusal {
  const known = languageStore.get() === 'ko' && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (known === undefined) return { message, help, more: undefined };
  const [korean, koreanHelp, more] = known;
  return { message: korean, help: koreanHelp, more: more === undefined ? undefined : message };
}

/** In one line, for a short word that goes by itself. */
export function refusalLine(failure: Failure): string {
  const { message, help, more } = toldRefusal(failure);
  return [message, help, more].filter(Boolean).join(' ');
}
