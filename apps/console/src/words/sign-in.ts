import { dictionary } from './dictionary.js';

export const signInWords = dictionary(
  {
    title: 'Sign in',
    help: 'Open the link that the server printed at its start, or paste a key.',
    key: 'Key',
    signIn: 'Sign in',
    working: 'Signing in …',
  },
  {
    title: '로그인',
    help: '서버가 시작할 때 출력한 링크를 열거나 키를 붙여 넣으세요.',
    key: '키',
    signIn: '로그인',
    working: '로그인하는 중 …',
  },
);
