/** The ready-made question cards. A test parses every one of them. */
import type { QuestionCard } from './saved-schemas.js';

const blank = (name: string, label: { en: string; ko: string }, preset = '') => ({ name, label, preset });

export const QUESTION_CARDS: readonly QuestionCard[] = [
  {
    id: 'card.customer-errors',
    title: { en: 'Errors of one person', ko: '한 사람의 오류' },
    q: 'level:(error OR fatal) user_hash:{user}',
    range: '-7d',
    params: [blank('user', { en: 'Person (hash from their timeline)', ko: '사람(타임라인의 해시)' })],
  },
  {
    id: 'card.tenant-errors',
    title: { en: 'Errors of one customer', ko: '한 고객사의 오류' },
    q: 'level:(error OR fatal) customer.id:{customer}',
    range: '-7d',
    params: [blank('customer', { en: 'Customer', ko: '고객사' })],
  },
  {
    id: 'card.slowest-endpoints',
    title: { en: 'Slowest endpoints', ko: '가장 느린 엔드포인트' },
    q: 'kind:access | stats p95(duration_ms), count() by http.route | sort -p95(duration_ms) | limit 20',
    range: '-24h',
    params: [],
  },
  {
    id: 'card.failing-endpoints',
    title: { en: 'Endpoints that fail most', ko: '가장 많이 실패하는 엔드포인트' },
    q: 'kind:access http.response.status_code:>=500 | stats count() by http.route | sort -count() | limit 20',
    range: '-24h',
    params: [],
  },
  {
    id: 'card.release',
    title: { en: 'Errors since a release', ko: '배포 이후의 오류' },
    q: 'level:(error OR fatal) service.version:{version} | stats count(), count_distinct(user_hash) by service.name, exception.type | sort -count()',
    range: '-7d',
    params: [blank('version', { en: 'Release', ko: '버전' })],
  },
  {
    id: 'card.errors-by-service',
    title: { en: 'Which service fails, and for how many people', ko: '어느 서비스가 몇 명에게 실패하나' },
    q: 'level:(error OR fatal) | stats count(), count_distinct(user_hash) by service.name | sort -count()',
    range: '-24h',
    params: [],
  },
  {
    id: 'card.slow-sql',
    title: { en: 'Slow SQL statements', ko: '느린 SQL' },
    q: 'has:db.query.text duration_ms:>{ms} | stats count(), p95(duration_ms) by db.query.text | sort -p95(duration_ms) | limit 20',
    range: '-24h',
    params: [blank('ms', { en: 'Slower than (ms)', ko: '이보다 느림(ms)' }, '500')],
  },
  {
    id: 'card.dependencies',
    title: { en: 'Dependencies that fail', ko: '실패하는 외부 의존성' },
    q: 'kind:span span.kind:client level:error | stats count() by service.name, server.address, error.type | sort -count()',
    range: '-24h',
    params: [],
  },
  {
    id: 'card.trace',
    title: { en: 'Everything of one trace or support code', ko: '트레이스나 지원 코드 하나의 전부' },
    q: '{id}',
    range: '-30d',
    params: [blank('id', { en: 'Any id', ko: '아무 식별자' })],
  },
  {
    id: 'card.admin-changes',
    title: { en: 'Who changed what', ko: '누가 무엇을 바꿨나' },
    q: 'kind:audit audit.entity.id:{entity}',
    range: '-30d',
    params: [blank('entity', { en: 'Order, member or other id', ko: '주문·회원 등의 번호' })],
  },
];
