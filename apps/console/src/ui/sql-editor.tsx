/** The editor of statements: colours of ClickHouse's dialect, completion of the columns of `records`. Loaded when needed. */
import { acceptCompletion, autocompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { MySQL, PostgreSQL, sql, type SQLConfig } from '@codemirror/lang-sql';
import { syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef, type ReactElement } from 'react';
import { editorColours, editorTheme } from './editor-theme.js';
import { Echoes } from './echoes.js';

/** What is coloured and completed. Read once: whoever changes the tables gives the editor another `key`. */
function languageOf({ columns, tables, dialect }: SqlEditorProps): SQLConfig {
  if (tables === undefined)
    return { dialect: PostgreSQL, schema: { records: [...columns] }, defaultTable: 'records' };
  const schema = Object.fromEntries(Object.entries(tables).map(([name, names]) => [name, [...names]]));
  return { dialect: dialect === 'mysql' ? MySQL : PostgreSQL, schema };
}

interface SqlEditorProps {
  readonly value: string;
  readonly label: string;
  readonly columns: readonly string[];
  /** Of another database: its tables with their columns, and its dialect. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  readonly dialect?: 'postgresql' | 'mysql';
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
}

export function SqlEditor(props: SqlEditorProps): ReactElement {
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
    const run = (): boolean => {
      latest.current.onRun();
      return true;
    };
    const { value, label } = latest.current;
    const extensions = [
      history(),
      lineNumbers(),
      sql(languageOf(latest.current)),
      syntaxHighlighting(editorColours),
      autocompletion({ icons: false }),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label, autocapitalize: 'off' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) latest.current.onChange(update.state.doc.toString());
      }),
      Prec.highest(
        keymap.of([
          { key: 'Mod-Enter', run },
          { key: 'Tab', run: acceptCompletion },
        ]),
      ),
      keymap.of([...historyKeymap, ...defaultKeymap, indentWithTab]),
      editorTheme,
    ];
    const editor = new EditorView({
      state: EditorState.create({ doc: value, extensions }),
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
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  return <div ref={host} className="query-editor sql-editor" />;
}
