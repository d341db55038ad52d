import { dictionary } from './dictionary.js';

export const homeWords = dictionary(
  {
    title: 'What are you looking for?',
    findHelp: 'By e-mail, phone, member or order number, support code, or any id.',
    searchHelp: 'A word, an id, a field: everything that was recorded is one search away.',
    emptyTitle: 'Nothing here yet',
    emptyHelp:
      'Three lines in your service are enough. This page turns into the record when the first line arrives.',
    keyHelp: 'A key for programs stands in data/dev-key on the server: export SILLOK_KEY=$(cat data/dev-key)',
    waiting: 'waiting for the first record …',
    received: 'Received.',
    questions: 'Questions, ready to ask',
    ask: 'Ask',
    newest: 'Newest records',
    all: 'Open in search',
  },
  {
    title: '무엇을 찾으시나요?',
    findHelp: '이메일, 전화, 회원·주문 번호, 상담 코드, 어떤 아이디로든.',
    searchHelp: '낱말, 아이디, 필드 무엇이든 검색 한 번으로 찾습니다.',
    emptyTitle: '아직 기록이 없습니다',
    emptyHelp: '서비스에 세 줄이면 됩니다. 첫 기록이 도착하면 이 화면이 저절로 바뀝니다.',
    keyHelp: '프로그램용 키는 서버의 data/dev-key에 있습니다: export SILLOK_KEY=$(cat data/dev-key)',
    waiting: '첫 기록을 기다리는 중 …',
    received: '받았습니다.',
    questions: '바로 물어볼 수 있는 질문',
    ask: '묻기',
    newest: '최근 기록',
    all: '검색에서 열기',
  },
);
