/** The search language: text → plan → JavaScript test or SQL with bound parameters. Pure. */
export type { QueryError, QueryHint } from './errors.js';
export { fillExplanation, type QueryErrorCode } from './explanations.js';
export { BUILT_IN_FIELDS, closestName, fieldOf } from './fields.js';
export { searchHighlighting } from './highlight.js';
export { parser as searchParser } from './generated/parser.js';
export * from './index-expressions.js';
export * from './limits.js';
export { compileMatcher, matches, type MatchOptions } from './match.js';
export type { Row, RowContext } from './row-values.js';
export { parseDuration, parseSpan, type Span } from './moments.js';
export { fieldNames, parseQuery, type ParsedQuery } from './parse-query.js';
export type {
  Aggregate,
  AggregateName,
  Condition,
  Dimension,
  Field,
  FieldUse,
  Filter,
  Query,
  SortKey,
  Source,
  Stage,
} from './plan.js';
export { fieldHints, writeFieldName, writeValue } from './hints.js';
export { decodeRow, recordTime, SEARCH_COLUMNS } from './sql/columns.js';
export type { Parameters, ParameterValue } from './sql/parameters.js';
export { quoteIdentifier } from './sql/quote.js';
export type { Scope, Statement } from './sql/scope.js';
export {
  compareKeys,
  compileContext,
  compileSearch,
  keyOf,
  keyOfRecord,
  type ContextOptions,
  type Order,
  type RecordKey,
  type SearchOptions,
} from './sql/search.js';
export { compareBytes } from './values.js';
export { compileFieldList, compileFieldValues } from './sql/field-list.js';
export { compileHistogram, type HistogramOptions, type HistogramStatement } from './sql/histogram.js';
export { compileStats, statsStage, type StatsOptions } from './sql/stats.js';
export {
  compileEdgesByRequestId,
  compileFindTraces,
  compileTraceAliases,
  compileTraceIds,
  compileTraceRecords,
  type TracePart,
} from './analysis/traces.js';
export { compileStoryIds, compileStoryRecords, STORY_IDS, type StoryIds } from './analysis/stories.js';
export {
  compileEndpoint,
  compileEndpoints,
  compileHeatmap,
  type EndpointName,
} from './analysis/endpoints.js';
export {
  compileErrors,
  compileExtent,
  compileMessages,
  DISTINCT_HASH_BITS,
  DISTINCT_HASHES,
} from './analysis/messages.js';
export {
  compileOthersPeople,
  compileOthersReleases,
  compileOthersTotal,
  compileOthersTrend,
  compileReleases,
} from './analysis/others.js';
export type { Analysis, Slice } from './analysis/slices.js';
export { compileWhy, type Draw } from './analysis/why.js';
export { compileWhySide, SHARED_FIELDS, type WhySides, type WhyUnit } from './analysis/why-side.js';
export {
  compileHopCount,
  compileImpactHops,
  compileImpactSize,
  compileMapEdges,
  compileMapServices,
} from './analysis/calls.js';
export { compileRolledUpTo, compileTrends, ENDPOINT_COLUMNS } from './analysis/trends.js';
