/** What the services of the project let people look up and change, and what waits for a second person. */
import type { AdminServiceShape, RequestShape } from '@sillok/api';
import type { ReactElement } from 'react';
import { adminCalls } from '../../api/admin.js';
import { whoAmI } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { Link } from '../../ui/address.js';
import { confirm } from '../../ui/dialog.js';
import { PageHead } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { inputText, titleOf } from './titles.js';

export function Page(): ReactElement {
  const words = say(adminWords);
  const { answer, failure, again } = useCall('admin', (signal) => adminCalls.services(signal));
  return (
    <main id="content" className="page">
      <PageHead title={words.title} />
      <p className="muted">{words.help}</p>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer?.services.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      {answer?.services.map((service) => (
        <Service key={service.name} service={service} />
      ))}
    </main>
  );
}

function Service({ service }: { service: AdminServiceShape }): ReactElement {
  const words = say(adminWords);
  const { name, title, description, problem } = service;
  const heading = `service-${name}`;
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>{shown(title)}</h2>
      {description === null && (
        <p className="warning">
          {words.away}: {shown(problem ?? '')}
        </p>
      )}
      <div className="chips">
        {description?.entities.map((entity) => (
          <Link
            key={entity.type}
            className="button"
            to={`/admin/${encodeURIComponent(name)}/${encodeURIComponent(entity.type)}`}
          >
            {titleOf(entity.title)}
          </Link>
        ))}
      </div>
      {description !== null && <Requests service={service} />}
    </section>
  );
}

function Requests({ service }: { service: AdminServiceShape }): ReactElement | null {
  const words = say(adminWords);
  const { name, description } = service;
  const { answer, failure, again } = useCall(`requests ${name}`, (signal) =>
    adminCalls.requests(name, signal),
  );
  const { busy, failure: refused, act } = useAct(again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  const open = answer?.requests.filter(({ state }) => state === 'open') ?? [];
  if (open.length === 0) return null;
  const nameOf = (request: RequestShape): string => {
    const entity = description?.entities.find(({ type }) => type === request.type);
    const action = entity?.actions.find((each) => each.name === request.action);
    return action === undefined ? shown(request.action) : titleOf(action.title);
  };
  const thingOf = ({ type, entity }: RequestShape): string => {
    const known = description?.entities.find((each) => each.type === type);
    return `${known === undefined ? shown(type) : titleOf(known.title)} ${shown(entity)}`;
  };
  const approve = async (request: RequestShape): Promise<void> => {
    const text = words.approveAsk(`${thingOf(request)} · ${nameOf(request)} · ${inputText(request.input)}`);
    if (!(await confirm({ title: words.approve, text, action: words.approve, dangerous: true }))) return;
    act(async () => {
      await adminCalls.decide(name, request.id, 'approve');
      toast(words.done);
    });
  };
  const columns: readonly TableColumn<RequestShape>[] = [
    { name: 'what', title: words.what, cell: nameOf },
    {
      name: 'entity',
      title: words.thing,
      cell: (request) => (
        <Link to={`/admin/${[name, request.type, request.entity].map(encodeURIComponent).join('/')}`}>
          {thingOf(request)}
        </Link>
      ),
    },
    { name: 'input', title: words.input, cell: ({ input }) => inputText(input) },
    { name: 'reason', title: words.reason, cell: ({ reason }) => shown(reason ?? '') },
    { name: 'by', title: words.by, cell: ({ by }) => shown(by.name) },
    { name: 'when', title: words.when, cell: ({ at }) => formatMoment(at) },
    {
      name: 'acts',
      title: '',
      cell: (request) => (
        <RequestActs
          request={request}
          busy={busy}
          onApprove={() => void approve(request)}
          onReject={() => act(() => adminCalls.decide(name, request.id, 'reject'))}
        />
      ),
    },
  ];
  return (
    <>
      <h3>{words.requests}</h3>
      {refused !== undefined && <Problem failure={refused} />}
      <Table cards label={words.requests} columns={columns} rows={open} keyOf={({ id }) => id} />
    </>
  );
}

interface RequestActsProps {
  readonly request: RequestShape;
  readonly busy: boolean;
  readonly onApprove: () => void;
  readonly onReject: () => void;
}

/** Who asked for something cannot approve it, and is told so before trying. */
function RequestActs({ request, busy, onApprove, onReject }: RequestActsProps): ReactElement {
  const words = say(adminWords);
  const user = useCall('session', (signal) => whoAmI(signal)).answer?.user;
  // As the server names a person among actors.
  const isMine = user != null && request.by.id === `user:${user.id}`;
  return (
    <span className="chips">
      {isMine ? (
        <span className="muted small">{words.ownRequest}</span>
      ) : (
        <button type="button" disabled={busy} onClick={onApprove}>
          {words.approve}
        </button>
      )}
      <button type="button" disabled={busy} onClick={onReject}>
        {isMine ? words.takeBack : words.reject}
      </button>
    </span>
  );
}
