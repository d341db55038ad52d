/** What people decided about an error, and what they can do about it now. */
import type { ErrorGroup, ErrorLife, ErrorLifeBody, MemberShape } from '@sillok/api';
import type { ReactElement } from 'react';
import { decideError } from '../../api/error-life.js';
import { peopleCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { formatAgo, formatMoment, formatNumber } from '../../ui/format.js';
import { Popover } from '../../ui/popover.js';
import { Problem } from '../../ui/states.js';
import { toast } from '../../ui/toast.js';
import { say } from '../../words/dictionary.js';
import { errorWords } from '../../words/errors.js';

/** Without the names of the error, which are the same for all of them. */
type Decision = ErrorLifeBody extends infer Body
  ? Body extends unknown
    ? Omit<Body, 'service' | 'title'>
    : never
  : never;

export function LifeChips({ life, nowMs }: { life: ErrorLife; nowMs: number }): ReactElement | null {
  const texts = textsOf(life, nowMs);
  if (texts.length === 0) return null;
  return (
    <p className="chips">
      {texts.map(({ kind, text }) => (
        <span key={kind} className="chip" data-life={kind}>
          {shown(text)}
        </span>
      ))}
    </p>
  );
}

function textsOf(life: ErrorLife, nowMs: number): readonly { kind: string; text: string }[] {
  const words = say(errorWords);
  const texts: { kind: string; text: string }[] = [];
  const ago = life.since === null ? '' : formatAgo(life.since, nowMs);
  const by = life.by ?? words.somebody;
  if (life.state === 'open' && life.came_back !== null) {
    const { release } = life.came_back;
    texts.push({ kind: 'back', text: release === '' ? words.cameBack : words.cameBackIn(release) });
  }
  if (life.state === 'resolved') texts.push({ kind: 'resolved', text: words.resolvedBy(by, ago) });
  if (life.until === 'next_release') texts.push({ kind: 'until', text: words.untilRelease });
  if (life.state === 'ignored') texts.push({ kind: 'ignored', text: words.ignoredBy(by, ago) });
  if (life.ignored_until !== null)
    texts.push({ kind: 'time', text: words.untilTime(formatMoment(life.ignored_until)) });
  if (life.ignored_more !== null)
    texts.push({ kind: 'more', text: words.moreLeft(formatNumber(life.ignored_more)) });
  if (life.assignee !== null) texts.push({ kind: 'assignee', text: words.assignedTo(life.assignee.name) });
  return texts;
}

const HOUR_S = 3_600;
const DAY_S = 86_400;

export function LifeActs({ group, onDone }: { group: ErrorGroup; onDone: () => void }): ReactElement {
  const words = say(errorWords);
  const { busy, failure, act } = useAct(onDone);
  const { service, life } = group;
  const decide = (decision: Decision): void =>
    act(async () => {
      const title = group.message.split('\n', 1)[0]?.slice(0, 300) ?? '';
      await decideError(group.fingerprint, { ...decision, service, title });
      toast(words[`done_${decision.action}`]);
    });
  return (
    <>
      {life.state !== 'resolved' && (
        <Choices
          label={words.resolve}
          busy={busy}
          choices={[
            [words.resolveNow, () => decide({ action: 'resolve', until: 'recurs' })],
            [words.resolveRelease, () => decide({ action: 'resolve', until: 'next_release' })],
          ]}
        />
      )}
      {life.state !== 'ignored' && (
        <Choices
          label={words.ignore}
          busy={busy}
          choices={[
            [words.ignoreHours('1'), () => decide({ action: 'ignore', seconds: HOUR_S })],
            [words.ignoreHours('24'), () => decide({ action: 'ignore', seconds: DAY_S })],
            [words.ignoreDays('7'), () => decide({ action: 'ignore', seconds: 7 * DAY_S })],
            [words.ignoreMore(formatNumber(100)), () => decide({ action: 'ignore', more: 100 })],
            [words.ignoreMore(formatNumber(1_000)), () => decide({ action: 'ignore', more: 1_000 })],
            [words.ignoreAlways, () => decide({ action: 'ignore' })],
          ]}
        />
      )}
      {life.state !== 'open' && (
        <button type="button" className="chip" disabled={busy} onClick={() => decide({ action: 'open' })}>
          {words.openAgain}
        </button>
      )}
      <Popover label={words.assign} className="chip" align="start" button={words.assign}>
        {(close) => (
          <Members
            onChoose={(assignee) => {
              close();
              decide({ action: 'assign', assignee });
            }}
          />
        )}
      </Popover>
      {failure !== undefined && <Problem failure={failure} />}
    </>
  );
}

interface ChoicesProps {
  readonly label: string;
  readonly busy: boolean;
  readonly choices: readonly (readonly [text: string, act: () => void])[];
}

function Choices({ label, busy, choices }: ChoicesProps): ReactElement {
  return (
    <Popover label={label} className="chip" align="start" button={label}>
      {(close) => (
        <div className="choices">
          {choices.map(([text, act]) => (
            <button
              key={text}
              type="button"
              disabled={busy}
              onClick={() => {
                close();
                act();
              }}
            >
              {text}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}

function Members({ onChoose }: { onChoose: (assignee: string | null) => void }): ReactElement {
  const words = say(errorWords);
  const { answer, failure, again } = useCall('members', (signal) => peopleCalls.members(signal));
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  const members = answer?.members.filter((member: MemberShape) => !member.disabled);
  return (
    <div className="choices">
      {members?.length === 0 && <p className="muted small">{words.assignNone}</p>}
      {members?.map(({ id, name }) => (
        <button key={id} type="button" onClick={() => onChoose(id)}>
          {shown(name)}
        </button>
      ))}
      <button type="button" onClick={() => onChoose(null)}>
        {words.assignNobody}
      </button>
    </div>
  );
}
