/** Editing a dashboard: its name, its variables, its panels and their order. Nothing is saved before the button says so. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { DashboardBody, PanelKind } from '@sillok/api';
import { Choice, Field, PageHead } from '../../ui/field.js';
import { say } from '../../words/dictionary.js';
import { chosenVariables, VariableFields } from '../dashboards/variable-fields.js';
import { dashboardWords } from '../../words/dashboards.js';
import { DatabaseChoice } from '../dashboards/database-choice.js';

type PanelDraft = NonNullable<DashboardBody['panels']>[number];

interface EditorProps {
  readonly first: DashboardBody;
  readonly busy: boolean;
  readonly onSave: (body: DashboardBody) => void;
  readonly onCancel: () => void;
  readonly onRemove: () => void;
}

export function Editor({ first, busy, onSave, onCancel, onRemove }: EditorProps): ReactElement {
  const words = say(dashboardWords);
  const [body, setBody] = useState(first);
  const panels = body.panels ?? [];
  const variables = body.variables ?? [];
  const setPanels = (next: PanelDraft[]): void => setBody({ ...body, panels: next });
  const add = (): void => {
    const id = `p${Date.now().toString(36)}`;
    setPanels([...panels, { id, title: '', kind: 'time_series', q: 'level:error', width: 6 }]);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSave({ ...body, variables: chosenVariables(variables) });
  };
  return (
    <form className="form" onSubmit={onSubmit}>
      <PageHead title={words.edit}>
        <button type="button" onClick={onRemove}>
          {words.remove}
        </button>
        <button type="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="submit" className="primary" disabled={busy}>
          {words.done}
        </button>
      </PageHead>
      <Field label={words.name} required value={body.name} onText={(name) => setBody({ ...body, name })} />
      <VariableFields variables={variables} onChange={(next) => setBody({ ...body, variables: next })} />
      {panels.map((panel, index) => (
        <PanelFields
          key={panel.id}
          panel={panel}
          onChange={(next) => setPanels(panels.with(index, next))}
          onRemove={() => setPanels(panels.toSpliced(index, 1))}
          onUp={index === 0 ? undefined : () => setPanels(swapped(panels, index))}
        />
      ))}
      <p>
        <button type="button" onClick={add}>
          {words.addPanel}
        </button>
      </p>
    </form>
  );
}

function swapped(panels: readonly PanelDraft[], index: number): PanelDraft[] {
  const before = panels[index - 1];
  const panel = panels[index];
  return before === undefined || panel === undefined
    ? [...panels]
    : panels.toSpliced(index - 1, 2, panel, before);
}

interface PanelFieldsProps {
  readonly panel: PanelDraft;
  readonly onChange: (panel: PanelDraft) => void;
  readonly onRemove: () => void;
  readonly onUp: (() => void) | undefined;
}

function PanelFields({ panel, onChange, onRemove, onUp }: PanelFieldsProps): ReactElement {
  const words = say(dashboardWords);
  const kinds: readonly (readonly [PanelKind, string])[] = [
    ['time_series', words.timeSeries],
    ['top_list', words.topList],
    ['number', words.number],
    ['table', words.table],
    ['heatmap', words.heatmap],
  ];
  return (
    <fieldset className="card panel-fields">
      <legend>{panel.title || words.panelTitle}</legend>
      <Field
        label={words.panelTitle}
        value={panel.title ?? ''}
        onText={(title) => onChange({ ...panel, title })}
      />
      <Choice
        label={words.kind}
        value={panel.kind}
        choices={kinds}
        onChoose={(kind) => onChange({ ...panel, kind })}
      />
      <LanguageFields panel={panel} onChange={onChange} />
      <label className="form-field wide">
        <span>{words.query}</span>
        <textarea
          rows={2}
          value={panel.q}
          onChange={(event) => onChange({ ...panel, q: event.target.value })}
        />
      </label>
      <Field
        label={words.range}
        value={panel.range ?? ''}
        onText={(range) => onChange({ ...panel, range })}
      />
      <Field label={words.unit} value={panel.unit ?? ''} onText={(unit) => onChange({ ...panel, unit })} />
      <Field
        label={words.width}
        type="number"
        min={2}
        max={12}
        value={String(panel.width ?? 6)}
        onText={(text) => onChange({ ...panel, width: Number(text) })}
      />
      <span className="chips">
        {onUp !== undefined && (
          <button type="button" aria-label={`↑ ${panel.title ?? ''}`} onClick={onUp}>
            ↑
          </button>
        )}
        <button type="button" onClick={onRemove}>
          {words.remove}
        </button>
      </span>
    </fieldset>
  );
}

/** Which language it is in, and of SQL, where it is asked. */
function LanguageFields({ panel, onChange }: Pick<PanelFieldsProps, 'panel' | 'onChange'>): ReactElement {
  const words = say(dashboardWords);
  return (
    <>
      <Choice
        label={words.language}
        value={panel.language ?? 'search'}
        choices={[
          ['search', words.search],
          ['sql', words.sql],
        ]}
        onChoose={(language) => onChange({ ...panel, language, database: '' })}
      />
      {panel.language === 'sql' && (
        <DatabaseChoice
          value={panel.database ?? ''}
          onChoose={(database) => onChange({ ...panel, database })}
        />
      )}
    </>
  );
}
