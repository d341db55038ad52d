/** One report: its cards as of now or of the moment that a message linked to, sending, editing. */
import type { ReactElement } from 'react';
import type { ReportShape } from '@sillok/api';
import { VALUE_PREFIX } from '@sillok/api/console-pages';
import { reportCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import type { PageProps } from '../../routes.js';
import { useAct } from '../../ui/act.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { Field, PageHead } from '../../ui/field.js';
import { Loading, Problem } from '../../ui/states.js';
import { toast } from '../../ui/toast.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';
import { Cards } from './cards.js';
import { ReportEditor } from './editor.js';

export function Page({ values }: PageProps): ReactElement {
  const id = values['id'] ?? '';
  const { answer, failure, again } = useCall('reports', (signal) => reportCalls.list(signal));
  const { parameters } = useAddress();
  const report = answer?.reports.find((each) => each.id === id);
  return (
    <main id="content" className="page">
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && report === undefined && (
        <Problem failure={{ status: 404, code: 'not_found', message: say(reportWords).none, help: '' }} />
      )}
      {report !== undefined && parameters.get('edit') === '1' && (
        <ReportEditor report={report} onDone={again} />
      )}
      {report !== undefined && parameters.get('edit') !== '1' && <Shown report={report} />}
    </main>
  );
}

function Shown({ report }: { report: ReportShape }): ReactElement {
  const words = say(reportWords);
  const { parameters } = useAddress();
  const at = parameters.get('at') ?? 'now';
  const values = Object.fromEntries(
    report.variables.map(({ name, preset }) => [
      name,
      parameters.get(`${VALUE_PREFIX}${name}`) ?? report.values[name] ?? preset,
    ]),
  );
  const key = `report ${report.id} ${report.updated_at} ${at} ${JSON.stringify(values)}`;
  const { answer, failure, busy, again } = useCall(key, () => reportCalls.run(report.id, { at, values }));
  const sending = useAct(() => toast(words.sent));
  return (
    <>
      <PageHead title={shown(report.name)}>
        <button type="button" onClick={() => go(hrefHere({ edit: '1' }))}>
          {words.edit}
        </button>
        <button
          type="button"
          disabled={sending.busy || report.targets.length === 0}
          onClick={() => sending.act(() => reportCalls.send(report.id))}
        >
          {words.send}
        </button>
      </PageHead>
      {report.variables.map(({ name, label, field }) => (
        <Field
          key={name}
          label={shown(label || field)}
          placeholder={words.everyone}
          value={values[name] ?? ''}
          onText={(text) => go(hrefHere({ [`${VALUE_PREFIX}${name}`]: text }), { replace: true })}
        />
      ))}
      {sending.failure !== undefined && <Problem failure={sending.failure} />}
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && <Cards answer={answer} />}
    </>
  );
}
