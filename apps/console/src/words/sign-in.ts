import { dictionary } from './dictionary.js';

export const signInWords = dictionary(
  {
    title: 'Sign in',
    help: 'With your account, by the link that the server printed at its start, or with a key.',
    email: 'E-mail',
    password: 'Password',
    goOn: 'Continue',
    with: (provider: string) => `Continue with ${provider}`,
    key: 'Key',
    signIn: 'Sign in',
    invited:
      'You were invited. Choose a password of at least 12 characters; who has an account already gives that password.',
    name: 'Name',
    join: 'Join',
  },
  {
    title: '로그인',
    help: '계정으로, 서버가 시작할 때 출력한 링크로, 또는 키로 로그인하세요.',
    email: '이메일',
    password: '비밀번호',
    goOn: '계속',
    with: (provider: string) => `${provider} 계정으로 계속`,
    key: '키',
    signIn: '로그인',
    invited: '초대받으셨습니다. 12자 이상의 비밀번호를 정하세요. 이미 계정이 있으면 그 비밀번호를 쓰세요.',
    name: '이름',
    join: '참여하기',
  },
);
