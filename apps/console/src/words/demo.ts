/** Words of the demo shop. */
import { dictionary } from './dictionary.js';

export const demoWords = dictionary(
  {
    title: 'Or look around first',
    help: 'A made-up shop with made-up customers and faults runs on this server and writes into a project of its own, “demo”. Nothing of it mixes with your records.',
    start: 'Start the demo shop',
    starting: 'The demo shop is starting: a database, eight services, twenty customers …',
    banner: 'Everything here is made up: records of the demo shop.',
    page: 'Open the shop',
    stop: 'Stop the demo',
    stopping: 'The demo shop is ending …',
    back: 'To your own records',
    failed: (why: string) => `The demo shop did not stay up: ${why}`,
  },
  {
    title: '먼저 둘러보기',
    help: '지어낸 고객과 장애가 있는 가상 상점이 이 서버에서 돌며, “demo”라는 별도 프로젝트에만 기록합니다. 실제 기록과 섞이지 않습니다.',
    start: '데모 상점 시작',
    starting: '데모 상점을 시작하는 중: 데이터베이스, 서비스 여덟 개, 고객 스무 명 …',
    banner: '여기 있는 것은 모두 지어낸 데모 상점의 기록입니다.',
    page: '상점 열기',
    stop: '데모 끝내기',
    stopping: '데모 상점을 끝내는 중 …',
    back: '내 기록으로',
    failed: (why: string) => `데모 상점이 멈췄습니다: ${why}`,
  },
);
