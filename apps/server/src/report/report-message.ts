/** A report as a message: one line per card. */
import type { CardAnswer, Report, ReportAnswer } from '@sillok/api';

import { visible, type Message } from '../alert/message.js';

interface ReportWords {
  readonly report: string;
  readonly open: string;
  readonly before: string;
  readonly calls: string;
  readonly people: string;
  readonly nothing: string;
  readonly late: string;
}

const WORDS: Readonly<Record<Report['language'], ReportWords>> = {
  en: {
    report: 'Report',
    open: 'Open the report',
    before: 'before',
    calls: 'calls',
    people: 'people',
    nothing: 'no data',
    late: 'late: the server was not running at its time',
  },
  ko: {
    report: '보고서',
    open: '보고서 열기',
    before: '이전',
    calls: '호출',
    people: '사람',
    nothing: '데이터 없음',
    late: '늦음: 예정 시각에 서버가 실행 중이 아니었습니다',
  },
};

export interface ReportMessageContext {
  readonly language: Report['language'];
  readonly link: string;
  readonly isLate: boolean;
  /** What it was narrowed to, `customer.id: acme`: nobody should read a part as the whole. */
  readonly narrowed: readonly string[];
}

export function reportMessage(answer: ReportAnswer, context: ReportMessageContext): Message {
  const words = WORDS[context.language];
  const range = ({ from, to }: { from: string; to: string }) => `${from.slice(0, 10)}–${to.slice(0, 10)}`;
  const release = answer.release === null ? '' : ` · ${answer.release.service} ${answer.release.version}`;
  const narrowed = context.narrowed.map((text) => ` · ${text}`).join('');
  const title = `${range(answer.now)} (${words.before} ${range(answer.before)})${release}${narrowed}`;
  const late = context.isLate ? [words.late] : [];
  return {
    headline: `${words.report} · ${answer.name}`,
    title: visible(title),
    facts: [...answer.cards.map((card) => visible(cardLine(card, context.language))), ...late],
    isList: true,
    link: context.link,
    linkText: words.open,
    mark: '📊',
  };
}

function cardLine(card: CardAnswer, language: Report['language']): string {
  const words = WORDS[language];
  const text = (value: number | null): string => numberText(value, { card, language }) ?? words.nothing;
  const ratio = card.ratio === null ? '' : ` · ×${decimals(card.ratio, language)}`;
  const behind =
    card.measure === 'calls' || card.measure === 'people'
      ? ''
      : ` · ${words.calls} ${decimals(card.calls, language)}`;
  const people = card.measure === 'people' ? '' : ` · ${words.people} ${decimals(card.people, language)}`;
  return `${card.title}: ${text(card.now)} (${words.before} ${text(card.before_comparable)})${ratio}${behind}${people}`;
}

function numberText(
  value: number | null,
  { card, language }: { card: CardAnswer; language: Report['language'] },
): string | undefined {
  if (value === null) return undefined;
  if (card.measure === 'error_rate') return `${decimals(value * 100, language)} %`;
  return `${decimals(value, language)}${card.unit === '' ? '' : ` ${card.unit}`}`;
}

/** Two digits where they say something. */
function decimals(value: number, language: Report['language']): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 1 ? 1 : 3;
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}
