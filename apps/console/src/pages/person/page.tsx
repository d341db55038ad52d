/** A person by the pseudonym of their account: the same story as a scenario, over all that they did. */
import type { ReactElement } from 'react';
import type { PageProps } from '../../routes.js';
import { say } from '../../words/dictionary.js';
import { scenarioWords } from '../../words/scenario.js';
import { Story } from '../scenario/story.js';

export function Page({ values }: PageProps): ReactElement {
  return <Story whose={{ user_hash: values['userHash'] }} title={say(scenarioWords).title} />;
}
