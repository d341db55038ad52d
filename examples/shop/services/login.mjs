// Sign-in through a third party: there, back, join. Sessions live in memory; a demo forgets them at its end.
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify, setContext, span, supportCode } from '@sillok/node';
import { db } from '../lib/database.mjs';
import { call, createService, listen } from '../lib/service.mjs';

const { PROVIDER_URL } = process.env;
const failedPage = join(dirname(fileURLToPath(import.meta.url)), '..', 'page', 'failed.html');
const { app, log } = createService('login', '4.1.0', { identity: { session: { cookie: 'shop_session' } } });
/** Session id → member, or what is known on the way there. */
const sessions = new Map();

const newId = () => randomBytes(18).toString('base64url');
const cookiesOf = (request) =>
  Object.fromEntries((request.headers.cookie ?? '').split(/; */).map((pair) => pair.split('=')));
const setSession = (response, id) =>
  response.set('set-cookie', `shop_session=${id}; Path=/; HttpOnly; SameSite=Lax`);

function sessionOf(request) {
  return sessions.get(cookiesOf(request).shop_session);
}

app.use((request, _response, next) => {
  setContext({ browser: { in_app: /InApp\//.test(request.headers['user-agent'] ?? '') } });
  next();
});

app.get('/login/:provider', (request, response) => {
  const { provider } = request.params;
  setContext({ login: { provider } });
  const id = newId();
  const state = newId();
  sessions.set(id, { provider, state });
  identify({ session: id });
  setSession(response, id);
  log.info('sent to the sign-in of the third party');
  const back = `${request.query.origin ?? ''}/login/${provider}/callback`;
  const query = new URLSearchParams({ client_id: 'shop', provider, state, redirect_uri: back });
  response.redirect(`${PROVIDER_URL}/authorize?${query}`);
});

app.get('/login/:provider/callback', async (request, response, next) => {
  const { provider } = request.params;
  setContext({ login: { provider } });
  try {
    const session = sessionOf(request);
    if (session === undefined || session.state !== request.query.state) {
      log.error(
        { 'error.type': 'state_mismatch' },
        'login failed: the browser that came back is not the one that left',
      );
      return response.status(400).sendFile(failedPage);
    }
    session.profile = await call(`${PROVIDER_URL}/token`, { body: { code: request.query.code } });
    // From here on it is known who this is, whether or not the rest succeeds.
    identify({ user: accountOf(session.profile), email: session.profile.email });
    log.info('back from the third party');
    response.redirect('/?login=join');
  } catch (error) {
    next(error);
  }
});

app.get('/api/join', (request, response) => {
  const profile = sessionOf(request)?.profile;
  if (profile === undefined) return response.status(401).json({ error: 'no_profile' });
  response.json({ displayName: profile.nickname, provider: profile.provider });
});

app.post('/api/join', async (request, response) => {
  const before = cookiesOf(request).shop_session;
  const profile = sessions.get(before)?.profile;
  if (profile === undefined) return response.status(401).json({ error: 'no_profile' });
  identify({ user: accountOf(profile) });
  const { displayName } = request.body;
  // Enough to compare by; the name itself stays out of the record.
  setContext({
    login: {
      provider: profile.provider,
      name_has_emoji: hasEmoji(profile.nickname),
    },
  });
  try {
    const member = await span('join', { login: { provider: profile.provider } }, () =>
      saveMember(profile, displayName),
    );
    sessions.delete(before);
    const id = newId();
    sessions.set(id, { member, account: accountOf(profile) });
    // The session is a new one from here on; the record says which one it was before.
    identify({ session: id, previousSession: before, user: accountOf(profile), member: String(member.id) });
    setSession(response, id);
    log.info('signed in');
    response.json({ id: member.id, displayName: member.display_name });
  } catch (error) {
    log.error(error, 'login failed: the member could not be saved');
    response.status(500).json({ error: 'join_failed', supportCode: supportCode() });
  }
});

app.get('/api/me', (request, response) => {
  const { member, account } = sessionOf(request) ?? {};
  if (member === undefined) return response.json({ id: null });
  // Pseudonyms for the page's own records; only services can make them.
  const { sessionHash, userHash } = identify({ user: account });
  response.json({
    id: member.id,
    displayName: member.display_name,
    account,
    ids: { session_hash: sessionHash, user_hash: userHash },
  });
});

app.post('/api/logout', (request, response) => {
  sessions.delete(cookiesOf(request).shop_session);
  response.json({});
});

async function saveMember({ provider, subject, email }, displayName) {
  const { rows } = await db.query(
    `INSERT INTO members (provider, subject, email, display_name) VALUES ($1, $2, $3, $4)
     ON CONFLICT (provider, subject) DO UPDATE SET display_name = EXCLUDED.display_name, last_login = now()
     RETURNING id, display_name`,
    [provider, subject, email, displayName],
  );
  return rows[0];
}

function accountOf({ provider, subject }) {
  return `${provider}:${subject}`;
}

function hasEmoji(text) {
  return /\p{Extended_Pictographic}/u.test(text);
}

await listen(app, log);
