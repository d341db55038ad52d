/** When a report comes: chosen as people say it. */
import { useState, type ReactElement } from 'react';
import { Choice, Field } from '../../ui/field.js';
import { weekdayName } from '../../ui/format.js';
import { say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';
import { scheduleOf, whenOf, type When } from './when.js';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0] as const;
const DATES = Array.from({ length: 28 }, (_, index) => String(index + 1));
const MONDAY = 1;
const NINE = '09:00';

interface Props {
  readonly schedule: string;
  readonly onSchedule: (schedule: string) => void;
}

export function SendingTime({ schedule, onSchedule }: Props): ReactElement {
  const words = say(reportWords);
  const found = whenOf(schedule);
  // Who chose to write cron goes on writing it, also when it can be said otherwise.
  const [isWritten, setWritten] = useState(found.kind === 'cron');
  const when: When = isWritten ? { kind: 'cron', text: schedule } : found;
  const at = when.kind === 'never' || when.kind === 'cron' ? NINE : when.at;
  const choose = (kind: When['kind']): void => {
    setWritten(kind === 'cron');
    onSchedule(scheduleOf(firstOf(kind, { at, text: schedule })));
  };
  return (
    <>
      <Choice
        label={words.comes}
        value={when.kind}
        choices={[
          ['never', words.never],
          ['daily', words.daily],
          ['weekly', words.everyWeek],
          ['monthly', words.monthly],
          ['cron', words.asCron],
        ]}
        onChoose={choose}
      />
      {when.kind === 'cron' && (
        <Field label={words.schedule} placeholder="0 9 * * 1" value={schedule} onText={onSchedule} />
      )}
      {when.kind === 'weekly' && (
        <Choice
          label={words.weekday}
          value={String(when.day)}
          choices={WEEKDAYS.map((day) => [String(day), weekdayName(day)])}
          onChoose={(day) => onSchedule(scheduleOf({ ...when, day: Number(day) }))}
        />
      )}
      {when.kind === 'monthly' && (
        <Choice
          label={words.date}
          value={String(when.day)}
          choices={DATES.map((day) => [day, day])}
          onChoose={(day) => onSchedule(scheduleOf({ ...when, day: Number(day) }))}
        />
      )}
      {when.kind !== 'never' && when.kind !== 'cron' && (
        <Field
          label={words.at}
          type="time"
          required
          value={when.at}
          onText={(text) => text !== '' && onSchedule(scheduleOf({ ...when, at: text }))}
        />
      )}
    </>
  );
}

function firstOf(kind: When['kind'], { at, text }: { at: string; text: string }): When {
  if (kind === 'never') return { kind };
  if (kind === 'cron') return { kind, text };
  if (kind === 'daily') return { kind, at };
  return { kind, at, day: MONDAY };
}
