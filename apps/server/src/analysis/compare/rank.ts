/**
 * Counts of values on both sides → conditions, the most telling first. A condition is told by how well it alone separates the
 * sides (the phi coefficient of the fourfold table, as if both were of the same size, for their sizes are those of the draw), and
 * only when an accident is out of the question: the chance of a difference as large (chi squared) is below one in a hundred, after
 * correction for how many values were compared. Values that could not differ enough however they fell (all have them, or hardly
 * any) are no comparisons (Tarone 1990): of few records something can be told, too.
 */
import type { WhyCondition } from '@sillok/api';
import { writeFieldName, writeValue } from '@sillok/query';
import { WHY_CHANCE_MAX, WHY_COUNT_MIN, WHY_SHARE_MIN, WHY_STRENGTH_MIN } from '../limits.js';

export interface ValueCount {
  readonly field: string;
  readonly value: string;
  readonly slice: number;
  readonly base: number;
}

export interface Sides {
  readonly slice: number;
  readonly base: number;
}

export interface Ranked {
  readonly conditions: readonly WhyCondition[];
  readonly consequences: readonly WhyCondition[];
}

/** What comes of a request. It tells the sides apart best of all, and explains nothing. */
const CONSEQUENCES =
  /^(level|kind|message|error\.|exception\.|otel\.|http\.response\.|edge\.upstream\.|duration|sillok\.|span\.events|retry\.)/;
/** Names of records and of single people: they repeat within one person's records and mean nothing beyond. */
const IDENTIFIERS =
  /(^|[._])(id|ids|uuid|hash|index|seq|span_id|trace_id|message_id|request_id|start_time|idempotency_key|support_code)$|^trace\.alias\.|^person\.|^browser\.cause/;
/** But these ids name many: a customer is a company, an instance or a host a place. */
const GROUPS =
  /^(customer\.id|tenant\.id|service\.instance\.id|host\.id|deployment\.id|session\.variant\.id|route\.debug)$/;

export function rank(counts: readonly ValueCount[], sides: Sides, asked: ReadonlySet<string>): Ranked {
  const compared = counts.filter(({ field }) => GROUPS.test(field) || !IDENTIFIERS.test(field));
  const tellable = compared.filter((count) => leastChanceOf(count, sides) < WHY_CHANCE_MAX).length;
  const conditions = compared
    .filter(({ slice }) => slice >= WHY_COUNT_MIN && slice / sides.slice >= WHY_SHARE_MIN)
    .map((count) => conditionOf(count, sides, tellable))
    .filter(({ slice_share: a, base_share: b }) => a > b)
    .filter(({ p_value: chance, strength }) => chance < WHY_CHANCE_MAX && strength >= WHY_STRENGTH_MIN)
    .toSorted(byStrength);
  const isReason = ({ field }: WhyCondition): boolean => !CONSEQUENCES.test(field) && !asked.has(field);
  return {
    conditions: conditions.filter(isReason),
    consequences: conditions.filter((condition) => !isReason(condition) && !asked.has(condition.field)),
  };
}

/** Of two that tell as much, the one that more of the slice has, then by name: the same order every time. */
function byStrength(left: WhyCondition, right: WhyCondition): number {
  return (
    right.strength - left.strength ||
    right.slice_share - left.slice_share ||
    (left.field < right.field ? -1 : left.field > right.field ? 1 : left.value < right.value ? -1 : 1)
  );
}

function conditionOf(
  { field, value, slice, base }: ValueCount,
  sides: Sides,
  compared: number,
): WhyCondition {
  const sliceShare = slice / sides.slice;
  const baseShare = sides.base === 0 ? 0 : base / sides.base;
  return {
    field,
    value,
    slice,
    base,
    slice_share: sliceShare,
    base_share: baseShare,
    lift: base === 0 ? null : sliceShare / baseShare,
    strength: strengthOf(sliceShare, baseShare),
    p_value: Math.min(1, chanceOf({ slice, base }, sides) * Math.max(1, compared)),
    search: `${writeFieldName(field)}:${searchValue(field, value)}`,
  };
}

/** A pattern of a user agent is one in the search too; all else is taken literally. */
function searchValue(field: string, value: string): string {
  return field === 'user_agent.original' && /^\*\w+\*$/.test(value) ? value : writeValue(plain(value));
}

/** Stored text of a string that reads as JSON has quotes; the search compares the text without them. */
function plain(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === 'string' ? text : value;
  } catch {
    return value;
  }
}

/** Phi of two shares, of sides of the same size. */
function strengthOf(slice: number, base: number): number {
  const both = (slice + base) * (2 - slice - base);
  return both <= 0 ? 0 : Math.abs(slice - base) / Math.sqrt(both);
}

/** The chance of a difference at least as large, by chi squared. */
function chanceOf({ slice, base }: Sides, sides: Sides): number {
  const [a, b, c, d] = [slice, base, sides.slice - slice, sides.base - base];
  const product = (a + b) * (c + d) * (a + c) * (b + d);
  return product <= 0 ? 1 : tailOf(((a * d - b * c) ** 2 * (sides.slice + sides.base)) / product);
}

/** The least chance that a value can have that so many records of both sides have: when the slice has all of them that it can. */
function leastChanceOf({ slice, base }: ValueCount, sides: Sides): number {
  const found = Math.min(slice + base, sides.slice);
  return chanceOf({ slice: found, base: slice + base - found }, sides);
}

/** Upper tail of chi squared with one degree of freedom: erfc(√(x/2)), by the approximation 7.1.26 of Abramowitz, Stegun. */
function tailOf(chiSquared: number): number {
  const x = Math.sqrt(chiSquared / 2);
  const t = 1 / (1 + 0.3275911 * x);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return series * Math.exp(-x * x);
}
