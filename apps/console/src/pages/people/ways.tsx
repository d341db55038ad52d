/** Which ways in this server knows, and where each is switched on. */
import type { ReactElement } from 'react';
import { waysIn } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';

export function Ways(): ReactElement | null {
  const words = say(peopleWords);
  const { answer } = useCall('ways', (signal) => waysIn(signal));
  if (answer === undefined) return null;
  return (
    <section className="card" aria-labelledby="ways">
      <h2 id="ways">{words.waysTitle}</h2>
      <ul>
        <li>{words.wayPassword}</li>
        <li>
          {words.wayOidc}: {answer.oidc === null ? words.wayOff : shown(answer.oidc.name)}
        </li>
        <li>
          {words.waySaml}: {answer.saml === null ? words.wayOff : shown(answer.saml.name)}
        </li>
      </ul>
      <p className="muted">{words.waysHelp}</p>
    </section>
  );
}
