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
  },
  {
    paused: '멈춤',
    resume: '계속',
    pause: '멈추기',
    newOnes: (count: string) => `새 기록 ${count}건`,
    skipped: (count: string) => `${count}건은 너무 빨라 여기에 표시하지 못했습니다. 검색에는 있습니다`,
    connecting: '연결 중 …',
    following: '따라가는 중',
  },
);
