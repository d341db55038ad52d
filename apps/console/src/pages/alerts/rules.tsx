/** The rules of the project: built in and made, with whether each can be evaluated. */
import { useState, type ReactElement } from 'react';
import type { AlertRuleShape } from '@sillok/api';
import { alertCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { confirm } from '../../ui/dialog.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { languageStore, say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';
import { kindName } from './names.js';
import { RuleForm } from './rule-form.js';

export function Rules(): ReactElement {
  const words = say(alertWords);
  const [edited, setEdited] = useState<AlertRuleShape | 'new'>();
  const { answer, failure, again } = useCall('alert rules', (signal) => alertCalls.rules(signal));
  const { busy, failure: refused, act } = useAct(again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;

  const toggle = (rule: AlertRuleShape): void => {
    const { enabled, severity, targets } = rule;
    const body = rule.rule ?? { severity, targets };
    act(() => alertCalls.saveRule(rule.id, { ...body, enabled: !enabled }));
  };
  const remove = async (rule: AlertRuleShape): Promise<void> => {
    const question = { title: rule.name, text: words.removeAsk, action: words.remove, dangerous: true };
    if (await confirm(question)) act(() => alertCalls.removeRule(rule.id));
  };
  const columns = columnsOf({ busy, toggle, edit: setEdited, remove: (rule) => void remove(rule) });
  return (
    <>
      <p>
        <button type="button" className="primary" onClick={() => setEdited('new')}>
          {words.newRule}
        </button>
      </p>
      {refused !== undefined && <Problem failure={refused} />}
      <Table cards label={words.rules} columns={columns} rows={answer.rules} keyOf={(rule) => rule.id} />
      {edited !== undefined && (
        <RuleForm
          known={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onSaved={() => {
            setEdited(undefined);
            again();
          }}
        />
      )}
    </>
  );
}

interface RuleActs {
  readonly busy: boolean;
  readonly toggle: (rule: AlertRuleShape) => void;
  readonly edit: (rule: AlertRuleShape) => void;
  readonly remove: (rule: AlertRuleShape) => void;
}

function columnsOf({ busy, toggle, edit, remove }: RuleActs): readonly TableColumn<AlertRuleShape>[] {
  const words = say(alertWords);
  return [
    {
      name: 'name',
      title: words.name,
      cell: (rule) => (
        <>
          {rule.built_in ? kindName(rule.kind) : shown(rule.name)}{' '}
          {rule.built_in && <span className="chip">{words.builtIn}</span>}
          {rule.status.errors !== null && (
            <p className="bad small">
              {words.cannot}: {shown(rule.status.errors[languageStore.get()])}
            </p>
          )}
        </>
      ),
    },
    { name: 'kind', title: words.kindNames, cell: (rule) => kindName(rule.kind) },
    {
      name: 'q',
      title: words.search,
      cell: ({ rule }) =>
        rule !== null && (
          <>
            {rule.database !== '' && <span className="chip">{rule.database}</span>}{' '}
            <code>{shown(rule.q)}</code>
          </>
        ),
    },
    {
      name: 'severity',
      title: words.severity,
      cell: (rule) => (rule.severity === 'critical' ? words.critical : words.warning),
    },
    {
      name: 'acts',
      title: '',
      cell: (rule) => (
        <span className="chips">
          <button type="button" aria-pressed={rule.enabled} disabled={busy} onClick={() => toggle(rule)}>
            {rule.enabled ? words.enabled : words.off}
          </button>
          {!rule.built_in && (
            <>
              <button type="button" onClick={() => edit(rule)}>
                {words.editRule}
              </button>
              <button type="button" onClick={() => remove(rule)}>
                {words.remove}
              </button>
            </>
          )}
        </span>
      ),
    },
  ];
}
