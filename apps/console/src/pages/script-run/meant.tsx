/** What is asked before a run changes data: why, and on production the explicit word. */
import type { ScriptDescription } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { ReasonField } from '../../ui/field.js';
import { say } from '../../words/dictionary.js';
import { scriptWords } from '../../words/scripts.js';

export interface Meant {
  readonly reason: string;
  readonly production: boolean;
}

/** What was filled in so far, and the fields for it; `needsWord` asks for the explicit word, too. */
export function useMeant(isRequired: boolean, needsWord: boolean): readonly [Meant, ReactElement] {
  const words = say(scriptWords);
  const [meant, setMeant] = useState<Meant>({ reason: '', production: false });
  const fields = (
    <>
      <ReasonField
        label={isRequired ? words.why : words.whyOptional}
        required={isRequired}
        value={meant.reason}
        onText={(reason) => setMeant((now) => ({ ...now, reason }))}
      />
      {needsWord && (
        <label>
          <input
            type="checkbox"
            required
            checked={meant.production}
            onChange={(event) => setMeant((now) => ({ ...now, production: event.target.checked }))}
          />{' '}
          {words.production}
        </label>
      )}
    </>
  );
  return [meant, fields];
}

export function isGuarded(script: ScriptDescription | undefined): boolean {
  return script?.destructive === true && script.production;
}
