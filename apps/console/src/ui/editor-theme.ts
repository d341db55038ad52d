/** Colours and sizes of the editors, from the same tokens as everything else. */
import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const editorColours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--code-name)' },
  { tag: tags.string, color: 'var(--ink)' },
  { tag: tags.special(tags.string), color: 'var(--code-text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.logicOperator, tags.compareOperator, tags.operator], color: 'var(--code-operator)' },
  { tag: [tags.keyword, tags.controlOperator], color: 'var(--code-keyword)', fontWeight: '600' },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: 'var(--code-name)' },
  { tag: tags.comment, color: 'var(--soft)' },
]);

export const editorTheme = EditorView.theme({
  '&': { color: 'var(--ink)', background: 'transparent', fontSize: '13.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': {
    fontFamily: 'var(--mono)',
    padding: '7px 0',
    caretColor: 'var(--ink)',
  },
  '.cm-line': { padding: '0 12px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-scroller': { overflowX: 'auto', scrollbarWidth: 'none', lineHeight: '1.5' },
  '.cm-placeholder': { color: 'var(--soft)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-wrong': { textDecoration: 'underline wavy var(--error)', textUnderlineOffset: '3px' },
  '.cm-tooltip': {
    background: 'var(--card)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
    zIndex: '20',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    fontSize: '12.5px',
    maxHeight: '16em',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--accent)',
    color: 'var(--accent-ink)',
  },
  '.cm-completionDetail': { color: 'inherit', opacity: '0.75', fontStyle: 'normal', marginLeft: '1.5em' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-gutters': { background: 'transparent', color: 'var(--soft)', border: '0' },
});
