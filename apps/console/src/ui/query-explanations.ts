/**
 * What is wrong with a search, in Korean. The server and the parser speak English and name each sentence by a code; a code without
 * a sentence here does not compile.
 */
import { fillExplanation, type QueryErrorCode } from '@sillok/query';
import { languageStore } from '../words/dictionary.js';

type Sentence = readonly [message: string, help: string];

const KOREAN: Readonly<Record<QueryErrorCode, Sentence>> = {
  too_long: ['검색이 {0}자입니다. 최대 {1}자입니다', '줄이거나 SQL을 쓰세요'],
  too_deep: ['{0}단계보다 깊은 괄호입니다', '괄호를 줄이세요'],
  too_many_terms: ['조건이 {0}개를 넘습니다', '여러 번 나누어 검색하거나 SQL을 쓰세요'],
  quote_open: ['따옴표가 닫히지 않았습니다', '닫는 "를 쓰세요'],
  group_empty: ['괄호 안이 비었습니다', '조건을 쓰세요'],
  group_open: ['닫는 )가 없습니다', '묶음 끝에 )를 쓰세요'],
  group_closed: ['여는 괄호 없이 )가 있습니다', '지우거나 앞에 (를 쓰세요'],
  range_incomplete: ['범위가 끝나지 않았습니다', '[1 to 5]나 1..5로 쓰세요'],
  range_invalid: ['범위가 아닙니다', '[1 to 5]나 1..5로 쓰세요'],
  value_missing: ['값이 없습니다', ':>100처럼 기호 뒤에 쓰세요'],
  value_after_colon: ['콜론 뒤에 값이 없습니다', 'field:value로, 아무 값이나 찾으려면 field:*로 쓰세요'],
  condition_after: ['이 뒤에 조건이 없습니다', '이어서 쓰거나, 낱말 자체를 찾으려면 따옴표로 묶으세요'],
  condition_after_not: ['“not” 뒤에 조건이 없습니다', '뺄 것을 쓰세요: -level:debug'],
  something_missing: ['여기에 빠진 것이 있습니다', '조건을 마저 쓰거나, 글자 그대로라면 "따옴표"로 묶으세요'],
  operator_between: [
    '“{0}” 앞뒤 중 한쪽에 조건이 없습니다',
    '낱말 자체를 찾으려면 "{0}"처럼 따옴표로 묶으세요',
  ],
  name_missing: [
    '콜론 앞에 필드 이름이 없습니다',
    'field:value로 쓰거나, 글자 그대로라면 "따옴표"로 묶으세요',
  ],
  values_need_or: ['괄호 안의 값 사이에 “or”가 필요합니다', 'field:(a or b)로 쓰세요'],
  does_not_fit: ['“{0}”이(가) 여기에 맞지 않습니다', '특수 문자가 있는 글은 "따옴표"로 묶으세요'],
  stage_incomplete: ['“{0}”이(가) 끝나지 않았습니다', '{1}'],
  stage_missing: ['| 뒤에 명령이 없습니다', '명령: {0}'],
  stage_unknown: ['“{0}”(이)라는 명령은 없습니다', '명령: {1}'],
  stage_unknown_like: ['“{0}”(이)라는 명령은 없습니다', '{2}인가요? 명령: {1}'],
  too_many_stages: ['단계가 {0}개를 넘습니다', '몇 개를 빼세요'],
  stats_first: ['stats는 맨 앞에 옵니다', '검색 바로 뒤에 한 번만 쓰세요'],
  limit_invalid: ['“{0}”은(는) 줄 수가 아닙니다', '1부터 {1}까지의 정수를 쓰세요'],
  stats_too_much: ['stats 하나에 너무 많습니다', '함수는 {0}개, “by” 뒤 필드는 {1}개까지입니다'],
  column_twice: ['“{0}” 열이 둘입니다', '하나에 “as”로 다른 이름을 주세요'],
  function_unknown: ['“{0}”(이)라는 함수는 없습니다', '함수: {1}'],
  function_unknown_like: ['“{0}”(이)라는 함수는 없습니다', '{2}인가요? 함수: {1}'],
  function_needs_field: ['{0}에는 필드가 필요합니다', '{0}(duration_ms)로 쓰세요'],
  rate_takes_no_field: ['rate는 기록을 세므로 필드를 받지 않습니다', 'rate()로 쓰세요'],
  function_needs_numbers: [
    '{0}에는 숫자가 필요한데 {1}은(는) 시각입니다',
    'min, max, count_distinct를 쓰세요',
  ],
  length_invalid: ['“{0}”은(는) 시간 길이가 아닙니다', 'bin(5m)처럼 s, m, h, d, w로 쓰세요'],
  sort_by_time: ['기록은 시각으로만 정렬합니다', '| sort time desc로 쓰거나 먼저 stats로 세세요'],
  nothing_counted: ['여기서는 센 것이 없습니다', '먼저 | stats로 세세요'],
  column_unknown: ['stats에 “{0}” 열이 없습니다', '열: {1}'],
  column_unknown_like: ['stats에 “{0}” 열이 없습니다', '{2}인가요? 열: {1}'],
  has_takes_name: ['has: 뒤에는 필드 이름이 옵니다', 'has:order.id로 쓰세요'],
  no_wildcards: ['{0}에는 와일드카드를 쓸 수 없습니다', '{0}:>… 또는 a..b 범위로 비교하세요'],
  too_many_wildcards: ['값 하나에 와일드카드가 {0}개를 넘습니다', '무늬를 줄이세요'],
  number_invalid: ['{0}은(는) 숫자인데 “{1}”은(는) 숫자가 아닙니다', '{0}:>100이나 {0}:1..5로 쓰세요'],
  level_unknown: ['“{0}”(이)라는 레벨은 없습니다', '레벨: {1}'],
  level_unknown_like: ['“{0}”(이)라는 레벨은 없습니다', '{2}인가요? 레벨: {1}'],
  kind_unknown: ['“{0}”(이)라는 종류는 없습니다', '종류: {1}'],
  kind_unknown_like: ['“{0}”(이)라는 종류는 없습니다', '{2}인가요? 종류: {1}'],
  time_invalid: [
    '“{0}”은(는) 시각이 아닙니다',
    '2026-11-21, 2026-11-21T10:00, 2026-11-21T10:00:05+09:00, now-1h, -15m처럼 쓰세요',
  ],
  field_unknown: ['최근 기록에 “{0}” 필드가 없습니다', '콜론이 든 글을 찾으려면 "따옴표"로 묶으세요'],
  field_unknown_like: ['최근 기록에 “{0}” 필드가 없습니다', '{1}인가요?'],
};

interface Told {
  readonly message: string;
  readonly help: string;
}

/** What an error or a hint says to this reader. A code of a newer server is told as it came. */
export function toldInLanguage<T extends Told>(
  told: T & { readonly code?: string; readonly values?: readonly string[] },
): Told {
  const { code, values = [], message, help } = told;
  if (languageStore.get() !== 'ko' || code === undefined || !Object.hasOwn(KOREAN, code))
    return { message, help };
  // It is one of them, as was just asked.
  const [korean, advice] = KOREAN[code as QueryErrorCode];
  return { message: fillExplanation(korean, values), help: fillExplanation(advice, values) };
}
