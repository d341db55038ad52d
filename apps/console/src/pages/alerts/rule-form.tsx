/** Writing a rule, with what it would have said about the last day before it is saved. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { AlertRuleBody, AlertRuleShape, PreviewShape } from '@sillok/api';
import { alertCalls } from '../../api/team.js';
import { useAct } from '../../ui/act.js';
import { Dialog } from '../../ui/dialog.js';
import { Choice, Field } from '../../ui/field.js';
import { DatabaseChoice } from '../dashboards/database-choice.js';
import { RulePreview } from './rule-preview.js';
import { SavedStatement } from './saved-statement.js';
import { Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';

interface RuleFormProps {
  readonly known: AlertRuleShape | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const NEW: AlertRuleBody = {
  name: '',
  q: 'level:(error OR fatal)',
  kind: 'threshold',
  window_s: 300,
  value: 10,
};

export function RuleForm({ known, onClose, onSaved }: RuleFormProps): ReactElement {
  const words = say(alertWords);
  const [rule, setRule] = useState<AlertRuleBody>(known?.rule ?? NEW);
  const [seen, setSeen] = useState<PreviewShape>();
  const saving = useAct(onSaved);
  const looking = useAct();
  const change = (part: Partial<AlertRuleBody>): void => {
    setSeen(undefined);
    setRule({ ...rule, ...part });
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    saving.act(() => alertCalls.saveRule(known?.id, rule));
  };
  const failure = saving.failure ?? looking.failure;
  const database = rule.database ?? '';
  return (
    <Dialog title={known === undefined ? words.newRule : words.editRule} onClose={onClose} wide>
      <form className="form" onSubmit={onSubmit}>
        <Field label={words.name} value={rule.name} required onText={(name) => change({ name })} />
        <DatabaseChoice value={database} onChoose={(name) => change(over(name, rule))} />
        {database === '' ? (
          <Field label={words.search} value={rule.q} onText={(q) => change({ q })} />
        ) : (
          <Statement database={database} q={rule.q} onText={(q) => change({ q })} />
        )}
        <Choice
          label={words.kind}
          value={rule.kind}
          choices={kindsOf(database)}
          onChoose={(kind) => change({ kind })}
        />
        <Numbers rule={rule} change={change} />
        <Field
          label={database === '' ? words.by : words.byColumn}
          value={rule.by ?? ''}
          onText={(by) => change({ by })}
        />
        <Choice
          label={words.severity}
          value={rule.severity ?? 'warning'}
          choices={[
            ['warning', words.warning],
            ['critical', words.critical],
          ]}
          onChoose={(severity) => change({ severity })}
        />
        {failure !== undefined && <Problem failure={failure} {...(database === '' && { q: rule.q })} />}
        {seen !== undefined && <RulePreview preview={seen} />}
        <div className="dialog-foot">
          <button
            type="button"
            disabled={looking.busy}
            onClick={() => looking.act(async () => setSeen(await alertCalls.preview(named(rule))))}
          >
            {database === '' ? words.preview : words.previewStatement}
          </button>
          <button type="submit" className="primary" disabled={saving.busy}>
            {words.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A preview does not need the name that saving does. */
function named(rule: AlertRuleBody): AlertRuleBody {
  return rule.name.trim() === '' ? { ...rule, name: '–' } : rule;
}

/** The two ask in different languages, so what was written for one is nothing for the other. */
function over(database: string, rule: AlertRuleBody): Partial<AlertRuleBody> {
  if ((rule.database ?? '') === database) return {};
  if (database === '') return { database, q: NEW.q };
  const kind = rule.kind === 'absence' ? 'absence' : 'threshold';
  return { database, q: 'SELECT count(*) FROM ', kind };
}

function kindsOf(database: string): readonly (readonly [AlertRuleBody['kind'], string])[] {
  const words = say(alertWords);
  if (database !== '')
    return [
      ['threshold', words.numberAtLeast],
      ['absence', words.numberLess],
    ];
  return [
    ['threshold', words.kindThreshold],
    ['absence', words.kindAbsence],
    ['error_rate', words.kindErrorRate],
    ['new_pattern', words.kindNewPattern],
  ];
}

interface StatementProps {
  readonly database: string;
  readonly q: string;
  readonly onText: (q: string) => void;
}

function Statement({ database, q, onText }: StatementProps): ReactElement {
  const words = say(alertWords);
  return (
    <>
      <SavedStatement database={database} onChoose={onText} />
      <label className="form-field">
        <span>{words.statement}</span>
        <textarea rows={4} spellCheck={false} value={q} onChange={(event) => onText(event.target.value)} />
      </label>
      <p className="muted small">{words.statementHelp}</p>
    </>
  );
}

interface NumbersProps {
  readonly rule: AlertRuleBody;
  readonly change: (part: Partial<AlertRuleBody>) => void;
}

function Numbers({ rule, change }: NumbersProps): ReactElement {
  const words = say(alertWords);
  const isCount = rule.kind === 'threshold' || rule.kind === 'absence';
  return (
    <>
      {isCount && (
        <Field
          label={(rule.database ?? '') === '' ? words.value : words.number}
          type="number"
          min={0}
          step="any"
          value={String(rule.value ?? 1)}
          onText={(text) => change({ value: Number(text) })}
        />
      )}
      {rule.kind === 'error_rate' && (
        <Field
          label={words.factor}
          type="number"
          min={1}
          step="0.1"
          value={String(rule.factor ?? 2)}
          onText={(text) => change({ factor: Number(text) })}
        />
      )}
      <Field
        label={words.window}
        type="number"
        min={60}
        value={String(rule.window_s ?? 300)}
        onText={(text) => change({ window_s: Number(text) })}
      />
    </>
  );
}
