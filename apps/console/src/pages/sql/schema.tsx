/** The columns of the view `records`, for completion and for people; and statements to begin with. */
import type { ReactElement } from 'react';
import { KNOWN_ATTRIBUTES, KNOWN_RESOURCE } from '@sillok/record';
import { Popover } from '../../ui/popover.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';

const PLAIN = ['time', 'observed_time', 'level', 'kind', 'message', 'producer', 'boot', 'seq', 'project'];
const IDS = ['trace_id', 'span_id', 'parent_span_id', 'global_trace_id', 'session_hash', 'user_hash'];
const MAPS = ['resource', 'attributes'];

export const COLUMN_NAMES: readonly string[] = [
  ...PLAIN,
  ...IDS,
  ...[...KNOWN_RESOURCE, ...KNOWN_ATTRIBUTES.map(({ name }) => name)],
  ...MAPS,
];

export const STARTER = `SELECT toStartOfHour(time) AS hour, level, count() AS n
FROM records
WHERE time > now() - INTERVAL 1 DAY
GROUP BY hour, level
ORDER BY hour`;

export function SchemaHelp(): ReactElement {
  const words = say(sqlWords);
  return (
    <Popover label={words.schema} className="quiet" button={<>{words.schema}</>}>
      {() => (
        <ul className="schema">
          {COLUMN_NAMES.map((name) => (
            <li key={name}>
              <code>{name.includes('.') ? `\`${name}\`` : name}</code>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
