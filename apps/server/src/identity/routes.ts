/**
 * `/api/person/…`: finding somebody, opening what is sealed, erasing. Answers hold pseudonyms and no real id; every call is
 * in the audit trail before it is answered, and a call that cannot be audited is not made.
 */
import {
  personEraseBody,
  personLookupBody,
  personOpenBody,
  ROUTES,
  type PersonCandidate,
  type PersonEraseAnswer,
  type PersonLookupAnswer,
  type PersonOpenAnswer,
} from '@sillok/api';
import { compileSearch, decodeRow, writeValue, type Row } from '@sillok/query';
import { nsToTime, timeToNs, type FlatAttributes } from '@sillok/record';
import { isSealed } from '@sillok/record/personal';
import type { FastifyInstance, FastifyReply } from 'fastify';

import { ReadError } from '../read/errors.js';
import {
  checked,
  momentOf,
  runSearch,
  searchOf,
  TIME_FIRST,
  TIME_LAST,
  type Reading,
} from '../read/reading.js';
import { gapsIn, sumCost } from '../read/trust.js';
import { personNotFound } from './errors.js';
import { personOf, type Person, type PersonGraph } from './person-graph.js';
import { CANDIDATES_MAX } from './limits.js';
import { lookUp, type Found } from './lookup.js';
import type { IdentityRoom } from './room.js';
import { audit } from './trail.js';

const LABEL_CHARACTERS = 4;

export function registerPersonRoutes(app: FastifyInstance, reading: Reading, room: IdentityRoom): void {
  registerLookup(app, reading, room);
  registerOpen(app, reading, room);
  registerErase(app, reading, room);
}

function registerLookup(app: FastifyInstance, reading: Reading, room: IdentityRoom): void {
  app.post(ROUTES.personLookup, async (request, reply): Promise<PersonLookupAnswer> => {
    const principal = reading.auth.authenticate(request, 'read');
    const { project } = principal;
    const asked = checked(personLookupBody, request.body);
    const keys = room.keys();
    const freshness = reading.state.freshness();
    const graph = await room.graph(project);
    const found = await lookUp({ reading, graph, keys, project, reply }, asked);
    const candidates = candidatesOf(found);
    const [only] = candidates;
    const auditId = await audit(reading.admission, principal, {
      action: 'person.lookup',
      outcome: 'committed',
      subject: candidates.length === 1 ? only?.person : undefined,
      reason: asked.reason,
      // The same text has the same stand-in, so that a reviewer sees repetition without seeing the text.
      arguments: { query: keys.pseudonyms.other('lookup', asked.query), as: asked.as ?? 'any' },
      result: { candidates: candidates.length, people: candidates.map(({ person }) => person) },
      address: request.ip,
    });
    return {
      candidates: candidates.slice(0, CANDIDATES_MAX),
      truncated: candidates.length > CANDIDATES_MAX,
      trace_ids: found.traceIds,
      searched: found.isSearched ? 'all' : 'indexes',
      audit_id: auditId,
      freshness,
      ...gapsIn(reading.state, project, { from: TIME_FIRST, to: TIME_LAST }),
      cost: sumCost(found.costs),
    };
  });
}

function candidatesOf({ people }: Found): PersonCandidate[] {
  return [...people.values()].map(({ person, by }) => ({
    person: person.id,
    label: person.id.slice(-LABEL_CHARACTERS),
    found_by: [...by],
    user_hashes: person.userHashes,
    session_hashes: person.sessionHashes,
    shared: person.sharedHashes.length > 0,
  }));
}

function registerOpen(app: FastifyInstance, reading: Reading, room: IdentityRoom): void {
  app.post(ROUTES.personOpen, async (request, reply): Promise<PersonOpenAnswer> => {
    const principal = reading.auth.authenticate(request, 'personal');
    const asked = checked(personOpenBody, request.body);
    const { box } = room.keys();
    // Sealed texts are opened only where they stand: in a record of the asker's own project.
    const { record } = await findRecord(reading, { ...asked, project: principal.project, reply });
    const sealed = sealedOf(record.attributes ?? {});
    const auditId = await audit(reading.admission, principal, {
      action: 'person.open',
      outcome: 'committed',
      subject: record.user_hash ?? record.session_hash,
      reason: asked.reason,
      arguments: {
        producer: asked.producer,
        boot: asked.boot,
        seq: asked.seq,
        fields: sealed.map(([path]) => path),
      },
      address: request.ip,
    });
    const values = Object.fromEntries(sealed.map(([path, text]) => [path, box.open(text) ?? null]));
    const closed = sealed.filter(([path]) => values[path] === null);
    const unreadable = Object.fromEntries(
      closed.map(([path, text]) => [path, box.stateOf(text) === 'absent' ? 'key_absent' : 'erased'] as const),
    );
    return { values, unreadable, audit_id: auditId };
  });
}

function sealedOf(attributes: FlatAttributes): (readonly [string, string])[] {
  const sealed: (readonly [string, string])[] = [];
  for (const [path, value] of Object.entries(attributes)) {
    if (typeof value === 'string' && isSealed(value)) sealed.push([path, value]);
  }
  return sealed;
}

interface Wanted {
  readonly project: string;
  readonly reply: FastifyReply;
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
  readonly time?: string | undefined;
}

async function findRecord(reading: Reading, wanted: Wanted): Promise<Row> {
  const { project, reply, producer, boot, seq } = wanted;
  const time = momentOf('time', wanted.time, Date.now());
  const range = time === undefined ? {} : { from: time, to: nsToTime(timeToNs(time) + 1n) };
  const query = searchOf(`producer:${writeValue(producer)} boot:${writeValue(boot)} seq:${seq}`);
  const table = reading.store().table;
  const statement = compileSearch(query, { project, ...range, table, limit: 1 });
  const [first] = (await runSearch(reading, statement, { project, reply })).rows;
  if (first === undefined) {
    throw new ReadError('record_not_found', `There is no record ${producer}/${boot}/${seq}.`);
  }
  return decodeRow(first);
}

function registerErase(app: FastifyInstance, reading: Reading, room: IdentityRoom): void {
  app.post(ROUTES.personErase, async (request, reply): Promise<PersonEraseAnswer> => {
    const principal = reading.auth.authenticate(request, 'admin');
    const { person, reason } = checked(personEraseBody, request.body);
    const { box } = room.keys();
    const { project } = principal;
    const found = await onePerson({ reading, graph: await room.graph(project), project, reply }, person);
    const shared = new Set(found.sharedHashes);
    const erased = [...found.userHashes, ...found.sessionHashes.filter((hash) => !shared.has(hash))];
    const act = {
      action: 'person.erase',
      subject: found.id,
      reason,
      arguments: { pseudonyms: erased },
      address: request.ip,
    } as const;
    const id = await audit(reading.admission, principal, { ...act, outcome: 'intent' });
    for (const hash of erased) box.destroy(hash);
    await audit(reading.admission, principal, { ...act, id, outcome: 'committed' });
    return { person: found.id, erased, audit_id: id };
  });
}

interface Place {
  readonly reading: Reading;
  readonly graph: PersonGraph;
  readonly project: string;
  readonly reply: FastifyReply;
}

/** What is destroyed cannot be brought back, so the name must be that of one person, and of this project. */
async function onePerson({ reading, graph, project, reply }: Place, name: string): Promise<Person> {
  const [found, ...others] = graph.peopleOf(name);
  if (others.length > 0) {
    const names = [found, ...others].map((each) => each?.id).join(', ');
    const message = `"${name}" belongs to several people: ${names}. Name one of them.`;
    throw new ReadError('request_invalid', message);
  }
  if (found !== undefined) return found;
  const value = writeValue(name);
  const query = searchOf(`user_hash:${value} or session_hash:${value}`);
  const statement = compileSearch(query, { project, table: reading.store().table, limit: 1 });
  const [first] = (await runSearch(reading, statement, { project, reply })).rows;
  if (first === undefined) throw personNotFound(name);
  return decodeRow(first).record.user_hash === name ? personOf([name], []) : personOf([], [name]);
}
