/** The pages of an error in Sentry, Datadog and Pinpoint; and where the project says at which addresses those are. */
import type { ErrorLink, ErrorLinks, LinkedSystem } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { errorLinks, saveErrorLinks } from '../../api/error-life.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Loading, Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { errorWords } from '../../words/errors.js';

const SYSTEMS: Readonly<Record<LinkedSystem, { readonly name: string; readonly example: string }>> = {
  sentry: { name: 'Sentry', example: 'https://sentry.example/performance/trace/{id}/' },
  datadog: { name: 'Datadog', example: 'https://app.datadoghq.com/apm/trace/{id}' },
  pinpoint: { name: 'Pinpoint', example: 'https://pinpoint.example/transactionDetail/{id}' },
};

/** Another program's page: it learns nothing of where its reader came from. */
export function SystemLink({ link }: { link: ErrorLink }): ReactElement {
  const { name } = SYSTEMS[link.system];
  return (
    <a
      className="chip"
      href={link.url}
      target="_blank"
      rel="noreferrer noopener"
      title={say(errorWords).opensIn(name)}
    >
      {name} ↗
    </a>
  );
}

export function LinksDialog({ onClose }: { onClose: (isSaved: boolean) => void }): ReactElement {
  const words = say(errorWords);
  const { answer, failure, again } = useCall('error links', (signal) => errorLinks(signal));
  return (
    <Dialog title={words.links} onClose={() => onClose(false)}>
      <p className="muted">{words.linksHelp}</p>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && <LinksForm now={answer} onSaved={() => onClose(true)} />}
    </Dialog>
  );
}

const ORDER = ['sentry', 'datadog', 'pinpoint'] as const;

function LinksForm({ now, onSaved }: { now: ErrorLinks; onSaved: () => void }): ReactElement {
  const [links, setLinks] = useState(now);
  const { busy, failure, act } = useAct(onSaved);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => saveErrorLinks(links));
  };
  return (
    <form className="form" onSubmit={onSubmit}>
      {ORDER.map((system) => (
        <Field
          key={system}
          label={SYSTEMS[system].name}
          type="url"
          placeholder={SYSTEMS[system].example}
          value={links[system]}
          onText={(text) => setLinks({ ...links, [system]: text })}
        />
      ))}
      {failure !== undefined && <Problem failure={failure} />}
      <div className="dialog-foot">
        <button type="submit" className="primary" disabled={busy}>
          {say(errorWords).save}
        </button>
      </div>
    </form>
  );
}
