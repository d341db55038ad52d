/**
 * Colours of the search language, for any CodeMirror theme. The generated parser imports this file, so the
 * editor that uses the parser has the colours already.
 */
import { styleTags, tags } from '@lezer/highlight';

export const searchHighlighting = styleTags({
  'Field QuotedField': tags.propertyName,
  'Word Value Bound': tags.string,
  'Phrase QuotedName': tags.special(tags.string),
  'Or And Not ListOr ListAnd ListNot To Minus Descending': tags.logicOperator,
  CompareOp: tags.compareOperator,
  'StatsKeyword SortKeyword FieldsKeyword LimitKeyword By As Asc Desc': tags.keyword,
  'CallName BinKeyword': tags.function(tags.variableName),
  Name: tags.variableName,
  '( )': tags.paren,
  '[ ]': tags.squareBracket,
  '|': tags.controlOperator,
  ',': tags.separator,
});
