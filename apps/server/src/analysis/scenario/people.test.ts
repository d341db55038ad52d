/** One person under many names: whichever is asked for, the story is the same; and nobody else's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../read/server.fixture.js';
import { access, recordOf, resourceOfHop, type MadeHop } from '../story.fixture.js';

let server: TestServer;
const trace = (letter: string): string => letter.repeat(32);
let start = 0;

/** A request of somebody. */
function request(letter: string, who: { user_hash?: string; session_hash?: string }): MadeHop {
  start += 120_000;
  return access({ service: 'web', span: `${letter}1`, trace: trace(letter), start, duration: 5, more: who });
}

function link(
  now: { user_hash?: string; session_hash?: string },
  before: { user_hash?: string; session_hash?: string } = {},
): MadeHop {
  start += 1;
  return {
    service: 'web',
    span: '',
    trace: '',
    kind: 'event',
    start,
    message: 'identity.link',
    more: { ...now, 'event.name': 'identity.link' },
    attributes: Object.fromEntries(
      Object.entries(before).map(([name, value]) => [`identity.before.${name}`, value]),
    ),
  };
}

const hops: MadeHop[] = [
  // A visit on a laptop, which becomes a sign-in; a phone; and a new key epoch on that phone.
  request('a', { session_hash: 's1_visit' }),
  link({ user_hash: 'u1_kim', session_hash: 's1_laptop' }, { session_hash: 's1_visit' }),
  request('b', { user_hash: 'u1_kim', session_hash: 's1_laptop' }),
  link({ user_hash: 'u1_kim', session_hash: 's1_phone' }),
  request('c', { user_hash: 'u1_kim', session_hash: 's1_phone' }),
  link({ user_hash: 'u2_kim', session_hash: 's2_phone' }, { user_hash: 'u1_kim', session_hash: 's1_phone' }),
  request('d', { user_hash: 'u2_kim', session_hash: 's2_phone' }),
  // The computer of a library: Lee after Park.
  link({ user_hash: 'u1_park', session_hash: 's1_library' }),
  request('e', { user_hash: 'u1_park', session_hash: 's1_library' }),
  link({ user_hash: 'u1_lee', session_hash: 's1_library' }),
  request('f', { user_hash: 'u1_lee', session_hash: 's1_library' }),
  // Of nobody about whom there is a link.
  request('9', { user_hash: 'u1_choi', session_hash: 's1_choi' }),
  request('8', { session_hash: 's1_choi' }),
  request('m', { user_hash: 'u1_moon', session_hash: 's1_new' }),
  { service: 'web', span: 'm2', trace: trace('m'), start: start + 2, more: { session_hash: 's1_old' } },
];

beforeAll(async () => {
  server = await startTestServer();
  const records = hops.map((hop, index) => recordOf(hop, index + 1));
  await server.send({ producer: 'web', records, resource: resourceOfHop(hops[0] as MadeHop) });
  // Whoever has a browser's key says that Choi is Kim.
  const forged = [recordOf(link({ user_hash: 'u1_choi', session_hash: 's1_x' }, { user_hash: 'u2_kim' }), 1)];
  const resource = { 'service.name': 'page', 'telemetry.sdk.name': 'sillok-browser' };
  await server.send({ producer: 'page', records: forged, resource });
  await server.client.search({ after: server.token('web', hops.length), limit: 1 });
  await server.client.search({ after: server.token('page', 1), limit: 1 });
});
afterAll(() => server.stop());

/** First letters of the traces that a story tells of. */
async function toldOf(asked: Parameters<TestServer['client']['scenario']>[0]): Promise<string> {
  const { episodes } = await server.client.scenario({ ...asked, order: 'oldest' });
  return episodes.map(({ trace_id: id }) => id?.[0] ?? '').join('');
}

const NAMES = ['u1_kim', 'u2_kim', 's1_visit', 's1_laptop', 's1_phone', 's2_phone'];

test.each(NAMES)('%s is the whole person: the visit, the laptop, the phone, the next epoch', async (name) => {
  expect(await toldOf({ person: name })).toBe('abcd');
  expect(await toldOf(name.startsWith('u') ? { user_hash: name } : { session_hash: name })).toBe('abcd');
});

test('several names at once are the stories of all of them', async () => {
  expect(await toldOf({ user_hash: ['u1_kim', 'u1_lee'] })).toBe('abcdf');
  expect(await toldOf({ session_hash: ['s1_phone', 's1_visit'] })).toBe('abcd');
});

test('two people at one computer stay two, and the computer by itself is neither of them', async () => {
  expect([await toldOf({ person: 'u1_park' }), await toldOf({ person: 'u1_lee' })]).toEqual(['e', 'f']);
  expect(await toldOf({ session_hash: 's1_library' })).toBe('ef');
  await expect(server.client.scenario({ person: 's1_library' })).rejects.toMatchObject({
    code: 'request_invalid',
    message: expect.stringMatching(/several people: u1_park, u1_lee/),
  });
});

test('without any link the session beside the account is told, and a page’s word about links is not taken', async () => {
  expect(await toldOf({ person: 'u1_choi' })).toBe('98');
  expect(await toldOf({ session_hash: 's1_choi' })).toBe('98');
});

test('others: a visit before the sign-in, another browser and a new key epoch are no further people', async () => {
  // Kim has four requests under six names, Park and Lee share a computer, and Moon's page did not know yet who asked.
  const others = await server.client.others({ q: 'service.name:web kind:access' });
  expect(others).toMatchObject({ records: 9, people: 5 });
  expect(await server.client.others({ q: 'service.name:web span_id:m1' })).toMatchObject({ people: 1 });
});

test('retries are looked for in the same person', async () => {
  const { looked_at: count } = await server.client.retries({ id: 's1_visit' });
  expect(count).toBe(4);
});
