import { dictionary } from './dictionary.js';

export const liveWords = dictionary(
  {
    paused: 'Paused',
    resume: 'Resume',
    pause: 'Pause',
    newOnes: (count: string) => `${count} new`,
    skipped: (count: string) =>
      `${count} records were too fast for this page and are not shown here; search has them`,
    connecting: 'connecting …',
    following: 'following',
    mirror: 'Also into the DevTools console',
    nothing: 'Waiting for records …',
    nothingHelp: 'They appear here the moment the server takes them. The filter stays for your next visit.',
    keyClose: 'Close the record',
  },
  {
    paused: '멈춤',
    resume: '계속',
    pause: '멈추기',
    newOnes: (count: string) => `새 기록 ${count}건`,
    skipped: (count: string) => `${count}건은 너무 빨라 여기에 표시하지 못했습니다. 검색에는 있습니다`,
    connecting: '연결 중 …',
    following: '따라가는 중',
    mirror: '개발자 도구 콘솔에도 보이기',
    nothing: '기록을 기다리는 중 …',
    nothingHelp: '서버가 받는 즉시 여기에 나타납니다. 필터는 다음에 와도 그대로입니다.',
    keyClose: '기록 닫기',
  },
);
