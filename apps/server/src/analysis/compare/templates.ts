/**
 * Messages → templates, after the idea of Drain: messages of the same number of words that begin alike are compared word by
 * word; where three in five of the words agree they are one template, and the words that differ become `<*>`. Words with
 * a digit differ from the start. What is given is counted already, the most frequent first, so that the order (and with
 * it the result) is the same for the same records.
 */
import { TEMPLATE_WORDS_MAX, TEMPLATES_PER_LEAF_MAX } from '../limits.js';

export const ANY = '<*>';

/** Words that must agree for two messages to be one template. */
const AGREEMENT = 0.6;

interface Leaf<T> {
  words: string[];
  readonly members: T[];
}

export interface Template<T> {
  readonly template: string;
  readonly members: readonly T[];
}

export function mineTemplates<T>(items: readonly T[], textOf: (item: T) => string): Template<T>[] {
  const leaves = new Map<string, Leaf<T>[]>();
  for (const item of items) {
    const words = wordsOf(textOf(item));
    const key = `${words.length} ${words.find((word) => word !== ANY) === words[0] ? words[0] : ''}`;
    const leaf = leaves.get(key) ?? [];
    leaves.set(key, leaf);
    const best = closest(leaf, words);
    if (best !== undefined) {
      best.words = best.words.map((word, index) => (word === words[index] ? word : ANY));
      best.members.push(item);
    } else leaf.push({ words, members: [item] });
  }
  return joined([...leaves.values()].flat());
}

/** Two leaves may end at the same template; they are one. */
function joined<T>(leaves: readonly Leaf<T>[]): Template<T>[] {
  const byText = new Map<string, T[]>();
  for (const { words, members } of leaves) {
    const text = words.join(' ');
    const list = byText.get(text);
    if (list === undefined) byText.set(text, [...members]);
    else list.push(...members);
  }
  return [...byText].map(([template, members]) => ({ template, members }));
}

function closest<T>(leaf: readonly Leaf<T>[], words: readonly string[]): Leaf<T> | undefined {
  let best: Leaf<T> | undefined;
  let bestShare = 0;
  for (const candidate of leaf) {
    const share = agreement(candidate.words, words);
    if (share > bestShare) [best, bestShare] = [candidate, share];
  }
  if (bestShare >= AGREEMENT) return best;
  // A leaf that is full takes the nearest, so that a text without any form does not cost more and more.
  return leaf.length >= TEMPLATES_PER_LEAF_MAX ? (best ?? leaf[0]) : undefined;
}

/** Share of the words that agree. Places that differ in both say nothing; one that differs in the template agrees half. */
function agreement(template: readonly string[], words: readonly string[]): number {
  let same = 0;
  let compared = 0;
  for (const [index, word] of template.entries()) {
    if (word === ANY && words[index] === ANY) continue;
    compared += 1;
    if (word === words[index]) same += 1;
    else if (word === ANY) same += 0.5;
  }
  return compared === 0 ? 1 : same / compared;
}

/** Numbers, ids, and names with numbers in them are what differs. */
export function wordsOf(text: string): string[] {
  const words = text.trim().split(/\s+/).slice(0, TEMPLATE_WORDS_MAX);
  return words.map((word) => (/\d/.test(word) ? masked(word) : word));
}

/** `order=12,` → `order=<*>,`: what stands around the number stays. */
function masked(word: string): string {
  const parts = /^([^\d]*?)([\p{L}\d_.:/@#-]*\d[\p{L}\d_.:/@#-]*)(.*)$/u.exec(word);
  if (!parts) return ANY;
  const [, before = '', , after = ''] = parts;
  return /\d/.test(after) ? ANY : `${before}${ANY}${after}`;
}

/** A search that finds the messages of a template: its longest stretch of words that stay. */
export function searchOfTemplate(template: string): string {
  const stretches = template.split(/\S*<\*>\S*/).map((stretch) => stretch.trim());
  const longest = stretches.toSorted((left, right) => right.length - left.length)[0] ?? '';
  return longest === '' ? '' : `"${longest.replace(/["\\]/g, String.raw`\$&`)}"`;
}
