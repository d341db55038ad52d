/** Entities of one type: a box for whatever the service looks for, and what it finds. Lists show no personal field. */
import type { ActionDescription, EntityDescription, EntityRow } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { adminCalls } from '../../api/admin.js';
import { useCall } from '../../api/use-call.js';
import type { PageProps } from '../../routes.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { formatNumber } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { ActionDialog } from '../admin/action-dialog.js';
import { entityIn, labelOf, titleOf, valueText } from '../admin/titles.js';

export function Page({ values }: PageProps): ReactElement {
  const { service = '', type = '' } = values;
  const words = say(adminWords);
  const { answer, failure, again } = useCall('admin', (signal) => adminCalls.services(signal));
  const entity = entityIn(answer, { service, type });
  const problem = answer?.services.find(({ name }) => name === service)?.problem;
  return (
    <main id="content" className="page">
      <p>
        <Link to="/admin">{words.title}</Link>
      </p>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && entity === undefined && (
        <Empty title={shown(`${service} / ${type}`)} help={shown(problem ?? words.none)} />
      )}
      {entity !== undefined && <Search service={service} entity={entity} />}
    </main>
  );
}

function Search({ service, entity }: { service: string; entity: EntityDescription }): ReactElement {
  const words = say(adminWords);
  const { type } = entity;
  const { parameters } = useAddress();
  const asked = parameters.get('text') ?? '';
  const cursor = parameters.get('cursor') ?? undefined;
  const [text, setText] = useState(asked);
  const [making, setMaking] = useState<ActionDescription>();
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    go(hrefHere({ text, cursor: undefined }));
  };
  const placeOf = (id: string): string => `/admin/${[service, type, id].map(encodeURIComponent).join('/')}`;
  return (
    <>
      <PageHead title={titleOf(entity.title)}>
        {entity.actions
          .filter(({ creates }) => creates)
          .map((action) => (
            <button key={action.name} type="button" onClick={() => setMaking(action)}>
              {titleOf(action.title)}
            </button>
          ))}
      </PageHead>
      <form className="form inline" role="search" onSubmit={onSubmit}>
        <input
          type="search"
          autoComplete="off"
          aria-label={words.searchLabel(titleOf(entity.title))}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="primary">
          {words.search}
        </button>
      </form>
      <Found key={asked} {...{ service, entity, asked, cursor, placeOf }} />
      {making !== undefined && (
        <ActionDialog
          place={{ service, type, action: making.name }}
          action={making}
          fields={entity.fields}
          onClose={() => setMaking(undefined)}
          onDone={({ id, state }) => (state === 'requested' ? setMaking(undefined) : go(placeOf(id)))}
        />
      )}
    </>
  );
}

interface FoundProps {
  readonly service: string;
  readonly entity: EntityDescription;
  readonly asked: string;
  readonly cursor: string | undefined;
  readonly placeOf: (id: string) => string;
}

function Found({ service, entity, asked, cursor, placeOf }: FoundProps): ReactElement {
  const words = say(adminWords);
  const { type } = entity;
  const { answer, failure, busy, again } = useCall(`${service} ${type} ${asked} ${cursor ?? ''}`, (signal) =>
    adminCalls.search({ service, type, text: asked, ...(cursor === undefined ? {} : { cursor }) }, signal),
  );
  const columns: readonly TableColumn<EntityRow>[] = [
    ...entity.list.map((name) => ({
      name,
      title: labelOf(entity.fields, name),
      cell: (row: EntityRow) => valueText(Object(row.fields)[name]),
    })),
    { name: 'open', title: '', cell: (row) => <Link to={placeOf(row.id)}>{words.open}</Link> },
  ];
  return (
    <>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {busy && <Loading />}
      {answer?.rows.length === 0 && <Empty title={words.nothing} help={words.nothingHelp} />}
      {answer !== undefined && answer.rows.length > 0 && (
        <>
          <p className="muted">{words.found(formatNumber(answer.rows.length))}</p>
          <Table label={titleOf(entity.title)} columns={columns} rows={answer.rows} keyOf={({ id }) => id} />
        </>
      )}
      {answer !== undefined && answer.next !== null && (
        <p>
          <Link className="button" to={hrefOf(location.pathname, { text: asked, cursor: answer.next })}>
            {words.more}
          </Link>
        </p>
      )}
    </>
  );
}
