/** Who calls an endpoint, and what it calls, level by level. */
import type { ImpactEndpoint } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { impact, type EndpointName } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatNumber, formatPercent } from '../../ui/format.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Loading, Problem } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';

const DEPTHS = [1, 2, 3, 4];

export function Impact({ name }: { name: EndpointName }): ReactElement {
  const [depth, setDepth] = useState(2);
  const range = useRange();
  const words = say(servicesWords);
  const question = { ...name, ...range, depth };
  const { answer, failure, busy, again } = useCall(JSON.stringify(question), (signal) =>
    impact(question, signal),
  );
  return (
    <section className="card" aria-labelledby="impact">
      <div className="page-head">
        <h2 id="impact">{words.callers}</h2>
        <select
          aria-label={words.depth(formatNumber(depth))}
          value={depth}
          onChange={(event) => setDepth(Number(event.target.value))}
        >
          {DEPTHS.map((each) => (
            <option key={each} value={each}>
              {words.depth(formatNumber(each))}
            </option>
          ))}
        </select>
      </div>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && (
        <>
          {answer.callers.length === 0 && <p className="muted">{words.callersNone}</p>}
          <Level endpoints={answer.callers} />
          {answer.orphans > 0 && <p className="muted small">{words.orphans(formatNumber(answer.orphans))}</p>}
          {answer.callees.length > 0 && <h2>{words.callees}</h2>}
          <Level endpoints={answer.callees} />
          {answer.sample < 1 && <p className="muted small">{words.sample(formatPercent(answer.sample))}</p>}
          <Trust of={answer} busy={busy} />
        </>
      )}
    </section>
  );
}

function Level({ endpoints }: { endpoints: readonly ImpactEndpoint[] }): ReactElement {
  const words = say(servicesWords);
  const inAddress = rangeParameters(useRange());
  return (
    <ul className="impact">
      {endpoints.map(({ service, route, method, depth, via, calls, errors }) => (
        <li
          key={`${depth} ${service} ${method} ${route} ${via.route}`}
          style={{ marginLeft: (depth - 1) * 22 }}
        >
          <Link to={hrefOf('/endpoint', { service, route, method, ...inAddress })}>
            {shown(`${service}: ${method} ${route}`)}
          </Link>{' '}
          <span className="muted">{words.calls(formatNumber(calls))}</span>{' '}
          {errors > 0 && <span className="bad">{formatPercent(errors / Math.max(1, calls))}</span>}{' '}
          {depth > 1 && (
            <span className="muted small">{words.via(shown(`${via.service} ${via.route}`))}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
