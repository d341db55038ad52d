/** Which services, to which versions, for how long, why. Services are those that were seen. */
import { DEBUG_ROUTE_MINUTES_DEFAULT } from '@sillok/api';
import { useId, useState, type FormEvent, type ReactElement } from 'react';
import { debugRouteCalls } from '../../api/debug-route.js';
import { fieldValues, servicesSince } from '../../api/search.js';
import { useCall } from '../../api/use-call.js';
import { term } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { Choice, Field } from '../../ui/field.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { routingWords } from '../../words/routing.js';

interface Copy {
  readonly service: string;
  readonly version: string;
  readonly address: string;
}

const NONE: Copy = { service: '', version: '', address: '' };
const HOUR_MINUTES = 60;
const MINUTES = [15, 30, DEBUG_ROUTE_MINUTES_DEFAULT, 240, 480] as const;

export function BeginForm({ onBegun }: { onBegun: (id: string) => void }): ReactElement {
  const words = say(routingWords);
  const [copies, setCopies] = useState<readonly Copy[]>([NONE]);
  const [minutes, setMinutes] = useState(String(DEBUG_ROUTE_MINUTES_DEFAULT));
  const [reason, setReason] = useState('');
  const seen = useCall('services', (signal) => servicesSince('-24h', signal));
  const { act, busy, failure } = useAct();
  const services = seen.answer ?? [];
  const change = (at: number, part: Partial<Copy>): void =>
    setCopies(copies.map((copy, index) => (index === at ? { ...copy, ...part } : copy)));
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      const { id } = await debugRouteCalls.begin(bodyOf(copies, { minutes, reason }));
      setCopies([NONE]);
      setReason('');
      onBegun(id);
    });
  };
  const problem = failure ?? seen.failure;
  return (
    <form className="routing-form" onSubmit={onSubmit} aria-label={words.begin}>
      {seen.answer !== undefined && services.length === 0 && <p className="muted">{words.noServices}</p>}
      {copies.map((copy, index) => (
        <CopyFields
          // Rows are told apart by their place alone: two may be empty.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          copy={copy}
          services={services}
          onChange={(part) => change(index, part)}
          onRemove={copies.length > 1 ? () => setCopies(copies.toSpliced(index, 1)) : undefined}
        />
      ))}
      <button type="button" onClick={() => setCopies([...copies, NONE])}>
        <Icon name="plus" /> {words.another}
      </button>
      <div className="routing-row">
        <Choice label={words.minutes} value={minutes} choices={minuteChoices()} onChoose={setMinutes} />
        <Field label={words.reason} value={reason} onText={setReason} />
      </div>
      {problem !== undefined && <Problem failure={problem} />}
      <button type="submit" className="primary" disabled={busy}>
        {words.begin}
      </button>
    </form>
  );
}

interface CopyFieldsProps {
  readonly copy: Copy;
  readonly services: readonly string[];
  readonly onChange: (part: Partial<Copy>) => void;
  readonly onRemove: (() => void) | undefined;
}

function CopyFields({ copy, services, onChange, onRemove }: CopyFieldsProps): ReactElement {
  const words = say(routingWords);
  const list = useId();
  const { service } = copy;
  const versions = useCall(service === '' ? undefined : `versions of ${service}`, (signal) =>
    fieldValues({ q: term('service.name', service), from: '-24h' }, 'service.version', signal),
  );
  return (
    <div className="routing-row">
      <label className="form-field">
        <span>{words.service}</span>
        <select required value={service} onChange={(event) => onChange({ service: event.target.value })}>
          <option value="">{words.chooseService}</option>
          {services.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={words.version}
        required
        value={copy.version}
        list={list}
        autoCapitalize="none"
        onText={(version) => onChange({ version })}
      />
      <datalist id={list}>
        {versions.answer?.values.map(({ value }) => (
          <option key={String(value)} value={String(value)} />
        ))}
      </datalist>
      <Field
        label={words.address}
        value={copy.address}
        inputMode="url"
        autoCapitalize="none"
        onText={(address) => onChange({ address })}
      />
      {onRemove !== undefined && (
        <button type="button" className="quiet" aria-label={words.remove(service)} onClick={onRemove}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function minuteChoices(): readonly (readonly [string, string])[] {
  const words = say(routingWords);
  return MINUTES.map((count) => {
    const isHours = count > HOUR_MINUTES;
    const text = isHours
      ? words.hoursOf(formatNumber(count / HOUR_MINUTES))
      : words.minutesOf(formatNumber(count));
    return [String(count), text] as const;
  });
}

function bodyOf(copies: readonly Copy[], { minutes, reason }: { minutes: string; reason: string }) {
  const told = copies.filter(({ address }) => address.trim() !== '');
  return {
    targets: Object.fromEntries(copies.map(({ service, version }) => [service, version.trim()])),
    addresses: Object.fromEntries(told.map(({ service, address }) => [service, address.trim()])),
    minutes: Number(minutes),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
}
