/**
 * What follows the pipes: `stats`, `sort`, `fields`, `limit`. Reads each stage from the tree and checks what the
 * grammar cannot: names of functions, fields that a function needs, names that exist at that stage.
 */
import type { SyntaxNode } from '@lezer/common';
import { explained, explainedWithGuess } from './explanations.js';
import { closestName, fieldOf } from './fields.js';
import { AGGREGATES_MAX, DIMENSIONS_MAX, STAGES_MAX, STATS_ROWS_MAX } from './limits.js';
import { parseDuration } from './moments.js';
import {
  AGGREGATES,
  type Aggregate,
  type AggregateName,
  type Dimension,
  type Field,
  type SortKey,
  type Stage,
} from './plan.js';
import type { Reader } from './reader.js';

/** Functions that work without a field. */
const WITHOUT_FIELD: ReadonlySet<AggregateName> = new Set(['count', 'rate']);

/** Functions that make sense of times. */
const WITH_TIME: ReadonlySet<AggregateName> = new Set(['count', 'count_distinct', 'min', 'max']);

export function readStages(nodes: readonly SyntaxNode[], reader: Reader): Stage[] {
  const stages: Stage[] = [];
  for (const node of nodes) {
    if (stages.length === STAGES_MAX) {
      reader.fail(node, explained('too_many_stages', STAGES_MAX));
      break;
    }
    const stage = readStage(node, reader, stages);
    if (stage) stages.push(stage);
  }
  return stages;
}

function readStage(node: SyntaxNode, reader: Reader, before: readonly Stage[]): Stage | undefined {
  const command =
    node.getChild('Stats') ?? node.getChild('Sort') ?? node.getChild('Fields') ?? node.getChild('Limit');
  switch (command?.name) {
    case 'Stats':
      if (before.length > 0) {
        reader.fail(command, explained('stats_first'));
      }
      return readStats(command, reader);
    case 'Sort':
      return {
        type: 'sort',
        keys: command.getChildren('SortKey').map((key) => readSortKey(key, reader, before)),
      };
    case 'Fields':
      return {
        type: 'fields',
        fields: columnNodes(command).map((name) => readFieldName(name, reader, before)),
      };
    case 'Limit':
      return readLimit(command, reader);
    default:
      return undefined;
  }
}

function namesOf(node: SyntaxNode): SyntaxNode[] {
  const names: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name === 'Name' || child.name === 'QuotedName') names.push(child);
  }
  return names;
}

function columnNodes(node: SyntaxNode): SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name === 'Name' || child.name === 'QuotedName' || child.name === 'Call') nodes.push(child);
  }
  return nodes;
}

function readLimit(node: SyntaxNode, reader: Reader): Stage {
  const [name] = namesOf(node);
  const text = name ? reader.name(name) : '';
  const rows = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (rows < 1 || rows > STATS_ROWS_MAX) {
    reader.fail(name ?? node, explained('limit_invalid', text, STATS_ROWS_MAX));
  }
  return { type: 'limit', rows };
}

function readStats(node: SyntaxNode, reader: Reader): Stage {
  const aggregates = node.getChildren('Aggregate').map((child) => readAggregate(child, reader));
  const dimensions = node.getChildren('Dimension').map((child) => readDimension(child, reader));
  if (aggregates.length > AGGREGATES_MAX || dimensions.length > DIMENSIONS_MAX) {
    reader.fail(node, explained('stats_too_much', AGGREGATES_MAX, DIMENSIONS_MAX));
  }
  const names = [...aggregates, ...dimensions].map((column) => column.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) reader.fail(node, explained('column_twice', twice));
  return { type: 'stats', aggregates, dimensions };
}

function readAggregate(node: SyntaxNode, reader: Reader): Aggregate {
  const call = node.getChild('Call') ?? node;
  const alias = namesOf(node)[0];
  const { name: callName, function: called, field } = readCall(call, reader);
  const name = alias ? reader.name(alias) : callName;
  return field ? { function: called, field, name } : { function: called, name };
}

interface Call {
  readonly function: AggregateName;
  readonly field?: Field;
  readonly name: string;
}

function readCall(node: SyntaxNode, reader: Reader): Call {
  const nameNode = node.getChild('CallName') ?? node;
  const written = reader.slice(nameNode);
  const known = AGGREGATES.find((name) => name === written.toLowerCase());
  if (known === undefined) {
    const closest = closestName(written, AGGREGATES);
    reader.fail(nameNode, explainedWithGuess('function_unknown', [written, AGGREGATES, closest]));
  }
  const called = known ?? 'count';
  const argument = namesOf(node)[0];
  if (!argument) {
    if (known !== undefined && !WITHOUT_FIELD.has(called)) {
      reader.fail(node, explained('function_needs_field', called));
    }
    return { function: called, name: `${called}()` };
  }
  if (called === 'rate') reader.fail(argument, explained('rate_takes_no_field'));
  const field = reader.field(argument, reader.name(argument));
  if (field.source.kind === 'time' && !WITH_TIME.has(called)) {
    reader.fail(argument, explained('function_needs_numbers', called, field.name));
  }
  return { function: called, field, name: `${called}(${field.name})` };
}

function readDimension(node: SyntaxNode, reader: Reader): Dimension {
  const bin = node.getChild('Bin');
  if (bin) return readBin(bin, reader);
  const nameNode = namesOf(node)[0] ?? node;
  const field = reader.field(nameNode, reader.name(nameNode));
  return { type: 'field', field, name: field.name };
}

function readBin(node: SyntaxNode, reader: Reader): Dimension {
  const widthNode = namesOf(node)[0] ?? node;
  const text = reader.name(widthNode);
  const widthNs = parseDuration(text);
  if (widthNs === undefined) {
    reader.fail(widthNode, explained('length_invalid', text));
  }
  return { type: 'bin', widthNs: widthNs ?? 1n, name: 'time' };
}

/** After `stats` only its columns can be sorted by and shown. */
function columnsOf(before: readonly Stage[]): readonly string[] | undefined {
  const stats = before.find((stage) => stage.type === 'stats');
  return stats ? [...stats.dimensions, ...stats.aggregates].map((column) => column.name) : undefined;
}

function readSortKey(node: SyntaxNode, reader: Reader, before: readonly Stage[]): SortKey {
  const descending = (node.getChild('Descending') !== null) !== (node.getChild('Desc') !== null);
  const column = columnNodes(node)[0] ?? node;
  const name = columnName(column, reader);
  const columns = columnsOf(before);
  if (columns) checkColumn(column, columns, reader);
  else if (name !== 'time') {
    reader.fail(column, explained('sort_by_time'));
  }
  return { name, descending };
}

function readFieldName(node: SyntaxNode, reader: Reader, before: readonly Stage[]): Field {
  const columns = columnsOf(before);
  if (columns) {
    checkColumn(node, columns, reader);
    return fieldOf(columnName(node, reader));
  }
  if (node.name === 'Call') reader.fail(node, explained('nothing_counted'));
  return reader.field(node, reader.name(node));
}

/** A column of stats as it is written: `count()`, `p95(duration_ms)`, or the name after `as`. */
function columnName(node: SyntaxNode, reader: Reader): string {
  return node.name === 'Call' ? readCall(node, reader).name : reader.name(node);
}

function checkColumn(node: SyntaxNode, columns: readonly string[], reader: Reader): void {
  const name = columnName(node, reader);
  if (columns.includes(name)) return;
  reader.fail(node, explainedWithGuess('column_unknown', [name, columns, closestName(name, columns)]));
}
