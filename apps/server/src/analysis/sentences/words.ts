/**
 * Words of services, routes and queues in both languages. Names in code are English; whoever talks to a customer is not
 * always at home there. What is not in here keeps the name that it has: a sentence never guesses.
 */
export interface Word {
  readonly ko: string;
  readonly en: string;
  /** It names something that one does, so that POST needs no verb of its own. */
  readonly isAction?: true;
  /** Who it is done with: stands first (카카오 로그인). */
  readonly isProvider?: true;
}

const noun = (ko: string, en: string): Word => ({ ko, en });
const action = (ko: string, en: string): Word => ({ ko, en, isAction: true });
const provider = (ko: string, en: string): Word => ({ ko, en, isProvider: true });

const WORDS: readonly (readonly [names: string, word: Word])[] = [
  ['auth authentication identity idp oauth oidc sso', noun('인증', 'auth')],
  ['login signin sign-in sessions session', action('로그인', 'login')],
  ['logout signout', action('로그아웃', 'logout')],
  ['signup register registration join', action('가입', 'sign-up')],
  ['callback', noun('콜백', 'callback')],
  ['token tokens', noun('토큰', 'token')],
  ['password', noun('비밀번호', 'password')],
  ['user users member members account accounts', noun('회원', 'member')],
  ['profile', noun('프로필', 'profile')],
  ['order orders', action('주문', 'order')],
  ['checkout', action('결제 진행', 'checkout')],
  ['pay payment payments', action('결제', 'payment')],
  ['refund refunds', action('환불', 'refund')],
  ['cancel cancellation', action('취소', 'cancellation')],
  ['cart carts basket', noun('장바구니', 'cart')],
  ['product products catalog catalogue item items goods', noun('상품', 'product')],
  ['stock inventory', noun('재고', 'stock')],
  ['price prices pricing', noun('가격', 'price')],
  ['coupon coupons', noun('쿠폰', 'coupon')],
  ['point points', noun('포인트', 'points')],
  ['review reviews', noun('후기', 'review')],
  ['search', action('검색', 'search')],
  ['ship shipping shipment delivery deliveries', noun('배송', 'delivery')],
  ['mail email', noun('메일', 'mail')],
  ['sms message messages', noun('메시지', 'message')],
  ['notification notifications notify push', noun('알림', 'notification')],
  ['file files attachment attachments', noun('파일', 'file')],
  ['image images photo photos', noun('사진', 'photo')],
  ['upload', action('올리기', 'upload')],
  ['download', action('내려받기', 'download')],
  ['invoice invoices bill billing', noun('청구', 'billing')],
  ['subscription subscriptions subscribe', action('구독', 'subscription')],
  ['reservation reservations booking bookings', action('예약', 'booking')],
  ['report reports', noun('보고서', 'report')],
  ['event events', noun('이벤트', 'event')],
  ['home main index', noun('첫 화면', 'home')],
  ['admin', noun('관리자', 'admin')],
  ['gateway', noun('게이트웨이', 'gateway')],
  ['web front frontend page browser', noun('웹 화면', 'web page')],
  ['worker jobs job batch', noun('작업 처리기', 'worker')],
  ['kakao', provider('카카오', 'Kakao')],
  ['naver', provider('네이버', 'Naver')],
  ['google', provider('구글', 'Google')],
  ['apple', provider('애플', 'Apple')],
  ['facebook', provider('페이스북', 'Facebook')],
  ['toss', provider('토스', 'Toss')],
];

const BY_NAME: ReadonlyMap<string, Word> = new Map(
  WORDS.flatMap(([names, word]) => names.split(' ').map((name) => [name, word] as const)),
);

export function wordOf(name: string): Word | undefined {
  return BY_NAME.get(name.toLowerCase());
}
