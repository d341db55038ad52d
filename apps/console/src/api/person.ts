/** Finding a person by what they can say. */
import type { PersonLookupAnswer } from '@sillok/api';
import { send } from './http.js';

export const lookUp = (query: string): Promise<PersonLookupAnswer> =>
  send('POST', '/api/person/lookup', { query });
