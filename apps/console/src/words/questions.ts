import { dictionary } from './dictionary.js';

export const questionWords = dictionary(
  {
    title: 'Questions, ready to ask',
    ask: 'Ask',
    errorsNow: 'What is failing right now?',
    customerErrors: 'Which errors did one customer see?',
    slowest: 'Which endpoints are slowest?',
    sinceRelease: 'What warns since this release?',
    failingRoutes: 'Which endpoints answer with 5xx?',
    oneOrder: 'What happened to one order?',
    slowQueries: 'Which SQL statements took over half a second?',
    whoDid: 'Who changed this thing?',
  },
  {
    title: '바로 물어볼 수 있는 질문',
    ask: '묻기',
    errorsNow: '지금 무엇이 실패하고 있나요?',
    customerErrors: '한 고객이 겪은 오류는?',
    slowest: '가장 느린 엔드포인트는?',
    sinceRelease: '이 릴리스부터 나온 경고는?',
    failingRoutes: '5xx로 응답하는 엔드포인트는?',
    oneOrder: '주문 하나에 무슨 일이 있었나요?',
    slowQueries: '0.5초를 넘긴 SQL은?',
    whoDid: '누가 이것을 바꾸었나요?',
  },
);
