/** Korean particles agree with the sound that a word ends in. Words in Latin letters and numbers are read aloud in mind. */

/** Letters and digits whose Korean name ends in a consonant: 엘, 엠, 엔, 알; 영, 일, 삼, 육, 칠, 팔. */
const CLOSED = new Set('lmnrLMNR013678');
/** Of those, the ones that end in ㄹ, for 로/으로: 엘, 알; 일, 칠, 팔. */
const ENDS_IN_L = new Set('lrLR178');

const HANGUL_FIRST = 0xac00;
const HANGUL_LAST = 0xd7a3;
const FINALS = 28;
const FINAL_L = 8;

type Ending = 'open' | 'closed' | 'l';

function endingOf(word: string): Ending {
  const last = [...word.replace(/[^\p{L}\p{N}]+$/u, '')].at(-1) ?? '';
  const code = last.codePointAt(0) ?? 0;
  if (code >= HANGUL_FIRST && code <= HANGUL_LAST) {
    const final = (code - HANGUL_FIRST) % FINALS;
    if (final === 0) return 'open';
    return final === FINAL_L ? 'l' : 'closed';
  }
  if (ENDS_IN_L.has(last)) return 'l';
  return CLOSED.has(last) ? 'closed' : 'open';
}

/** 이/가 */
export const subject = (word: string): string => `${word}${endingOf(word) === 'open' ? '가' : '이'}`;
/** 을/를 */
export const object = (word: string): string => `${word}${endingOf(word) === 'open' ? '를' : '을'}`;
/** 로/으로 */
export const toward = (word: string): string => `${word}${endingOf(word) === 'closed' ? '으로' : '로'}`;
