/** A story by the id of the scenario, or of a trace: `/scenario/<global trace id>`, `/scenario?trace_id=…`. */
import type { ReactElement } from 'react';
import type { PageProps } from '../../routes.js';
import { useAddress } from '../../ui/address.js';
import { say } from '../../words/dictionary.js';
import { scenarioWords } from '../../words/scenario.js';
import { Story } from './story.js';

export function Page({ values }: PageProps): ReactElement {
  const { parameters } = useAddress();
  const words = say(scenarioWords);
  const whose = {
    global_trace_id: values['globalTraceId'],
    trace_id: parameters.get('trace_id') ?? undefined,
    session_hash: parameters.get('session_hash') ?? undefined,
    user_hash: parameters.get('user_hash') ?? undefined,
  };
  const isPerson = whose.user_hash !== undefined;
  return <Story whose={whose} title={isPerson ? words.title : words.titleTrace} />;
}
