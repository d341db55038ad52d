/** Calls about people: each of them is in the audit trail of the server. */
import type { Http } from './http.js';
import type {
  PersonEraseAnswer,
  PersonEraseBody,
  PersonLookupAnswer,
  PersonLookupBody,
  PersonOpenAnswer,
  PersonOpenBody,
} from './person-schemas.js';
import { pathOf } from './routes.js';

export interface PersonClient {
  /** Who is meant by what a customer says. */
  lookup(asked: PersonLookupBody): Promise<PersonLookupAnswer>;
  /** The personal fields of one record in plain. Needs the scope `personal`. */
  open(asked: PersonOpenBody): Promise<PersonOpenAnswer>;
  /** Destroys the person's keys for good. Needs the scope `admin`. */
  erase(asked: PersonEraseBody): Promise<PersonEraseAnswer>;
}

export function personClient(http: Http): PersonClient {
  return {
    lookup: (json) => http.json({ method: 'POST', path: pathOf('personLookup'), json }),
    open: (json) => http.json({ method: 'POST', path: pathOf('personOpen'), json }),
    erase: (json) => http.json({ method: 'POST', path: pathOf('personErase'), json }),
  };
}
