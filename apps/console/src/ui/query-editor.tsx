/**
 * The search language in one line: colours and errors from the same grammar as the server's, completion of fields and
 * values from the record. The editor lives in a shadow root, where its style sheets are adopted and not written as
 * elements: the Content-Security-Policy allows no inline style.
 */
import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  completionStatus,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { LanguageSupport, LRLanguage, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, keymap, placeholder, type DecorationSet } from '@codemirror/view';
import { searchParser } from '@sillok/query';
import { useEffect, useRef, type ReactElement } from 'react';
import { editorColours, editorTheme } from './editor-theme.js';
import { completeSearch, type CompletionScope } from './query-completion.js';
import { Echoes } from './echoes.js';

export interface Mark {
  readonly from: number;
  readonly to: number;
}

interface QueryEditorProps {
  readonly value: string;
  readonly label: string;
  readonly hint: string;
  readonly mark: Mark | undefined;
  readonly scope: CompletionScope;
  readonly onChange: (text: string) => void;
  readonly onRun: (text: string) => void;
}

const language = LRLanguage.define({ name: 'sillok-search', parser: searchParser });
const setMark = StateEffect.define<Mark | undefined>();
const underline = Decoration.mark({ class: 'cm-wrong' });

const markField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    // Whoever goes on typing has seen it.
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (effect.is(setMark)) next = markOf(effect.value, transaction.state.doc.length);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markOf(mark: Mark | undefined, length: number): DecorationSet {
  if (mark === undefined || length === 0) return Decoration.none;
  const from = Math.min(mark.from, length - 1);
  const to = Math.min(Math.max(mark.to, from + 1), length);
  return Decoration.set([underline.range(from, to)]);
}

/** One line only: a pasted line end is a space. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
  const text = transaction.newDoc.toString().replaceAll('\n', ' ');
  const all = { from: 0, to: transaction.startState.doc.length, insert: text };
  return { changes: all, selection: { anchor: Math.min(transaction.newSelection.main.head, text.length) } };
});

export function QueryEditor(props: QueryEditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  const echoes = useRef(new Echoes());
  const onChange = (text: string): void => {
    echoes.current.sent(text);
    props.onChange(text);
  };
  latest.current = { ...props, onChange };

  useEffect(() => {
    const place = host.current;
    if (place === null) return undefined;
    const root = place.shadowRoot ?? place.attachShadow({ mode: 'open', delegatesFocus: true });
    const editor = new EditorView({
      state: EditorState.create({ doc: latest.current.value, extensions: extensionsFor(latest) }),
      root,
      parent: root,
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || echoes.current.isEcho(props.value)) return;
    if (editor.state.doc.toString() === props.value) return;
    const changes = { from: 0, to: editor.state.doc.length, insert: props.value };
    editor.dispatch({ changes, selection: { anchor: props.value.length } });
  }, [props.value]);

  useEffect(() => {
    view.current?.dispatch({ effects: setMark.of(props.mark) });
  }, [props.mark]);

  return <div ref={host} className="query-editor" />;
}

type Latest = { readonly current: QueryEditorProps };

function extensionsFor(latest: Latest) {
  const run = (view: EditorView): boolean => {
    closeCompletion(view);
    latest.current.onRun(view.state.doc.toString());
    return true;
  };
  const enter = (view: EditorView): boolean =>
    completionStatus(view.state) === 'active' && acceptCompletion(view) ? true : run(view);
  return [
    history(),
    new LanguageSupport(language),
    syntaxHighlighting(editorColours),
    autocompletion({
      override: [(context) => completeSearch(context, latest.current.scope)],
      icons: false,
      // The first entry is chosen only by a key: Enter on a finished query runs it.
      selectOnOpen: false,
    }),
    markField,
    oneLine,
    placeholder(latest.current.hint),
    EditorView.contentAttributes.of({
      role: 'searchbox',
      'aria-label': latest.current.label,
      'aria-multiline': 'false',
      autocapitalize: 'off',
      enterkeyhint: 'search',
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange(update.state.doc.toString());
    }),
    Prec.highest(
      keymap.of([
        { key: 'Enter', run: enter },
        { key: 'Tab', run: acceptCompletion },
      ]),
    ),
    keymap.of([...historyKeymap, ...defaultKeymap]),
    editorTheme,
  ];
}
