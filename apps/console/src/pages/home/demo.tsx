/** One click to look around: the made-up shop. And in its project, on every visit: that all of this is made up. */
import type { DemoShape } from '@sillok/api';
import type { ReactElement } from 'react';
import { demoState, leaveDemo, startDemo, stopDemo } from '../../api/demo.js';
import { whoAmI } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { DEMO_REFRESH_MS } from '../../limits.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { Problem } from '../../ui/states.js';
import { useEvery } from '../../ui/use-every.js';
import { say } from '../../words/dictionary.js';
import { demoWords } from '../../words/demo.js';

/** Every page is of one project: another one is drawn anew. */
const goHome = (): void => location.assign('/');

export function DemoOffer(): ReactElement | null {
  const words = say(demoWords);
  const { answer: demo } = useCall('demo', demoState);
  const { answer: session } = useCall('session', (signal) => whoAmI(signal));
  const { busy, failure, act } = useAct(goHome);
  const isOwner = session?.role === 'owner';
  if (demo?.available !== true || !isOwner || session.project === demo.project) return null;
  return (
    <section className="demo-offer" aria-labelledby="demo">
      <h2 id="demo">{words.title}</h2>
      <p className="muted">{words.help}</p>
      <button type="button" disabled={busy} onClick={() => act(startDemo)}>
        {words.start}
      </button>
      {failure !== undefined && <Problem failure={failure} />}
    </section>
  );
}

export function DemoBanner(): ReactElement | null {
  const { answer: demo, again } = useCall('demo', demoState);
  const { answer: session } = useCall('session', (signal) => whoAmI(signal));
  useEvery(DEMO_REFRESH_MS, again);
  if (demo === undefined || session === undefined || session.project !== demo.project) return null;
  return <Banner demo={demo} isOwner={session.role === 'owner'} />;
}

function Banner({ demo, isOwner }: { demo: DemoShape; isOwner: boolean }): ReactElement {
  const words = say(demoWords);
  const { busy, failure, act } = useAct(goHome);
  return (
    <div className="banner demo-banner" role="status">
      <span>
        {busy ? words.stopping : demo.state === 'starting' ? words.starting : words.banner}
        {demo.problem !== null && ` ${words.failed(shown(demo.problem))}`}
      </span>
      <span className="chips">
        {demo.url !== null && (
          <a className="button" href={demo.url} target="_blank" rel="noreferrer noopener">
            {words.page} ↗
          </a>
        )}
        {isOwner && demo.state !== 'stopped' && (
          <button type="button" disabled={busy} onClick={() => act(stopDemo)}>
            {words.stop}
          </button>
        )}
        {isOwner && demo.state === 'stopped' && (
          <button type="button" disabled={busy} onClick={() => act(startDemo)}>
            {words.start}
          </button>
        )}
        <button type="button" className="quiet" onClick={() => act(leaveDemo)}>
          {words.back}
        </button>
      </span>
      {failure !== undefined && <Problem failure={failure} />}
    </div>
  );
}
