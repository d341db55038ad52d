// The third party at another address: it knows nothing of the shop or of Sillok, and hands a profile back.
import express from 'express';
import { randomBytes } from 'node:crypto';
import { stopWith } from '../lib/stopping.mjs';

const app = express();
app.use(express.json(), express.urlencoded({ extended: false }));
const codes = new Map();

/** Who can sign in. The emoji are why we are here. */
export const ACCOUNTS = [
  { subject: 'a1', nickname: '별이🚀🌙✨', email: 'star@example.com' },
  { subject: 'a2', nickname: '한결', email: 'hangyeol@example.com' },
  { subject: 'a3', nickname: 'Minji', email: 'minji@example.com' },
  { subject: 'a4', nickname: '바다🐳🌊', email: 'bada@example.com' },
];

app.get('/authorize', (request, response) => {
  const { state, redirect_uri: back, provider } = request.query;
  const hidden = Object.entries({ state, provider, back }).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`,
  );
  const buttons = ACCOUNTS.map(
    ({ subject, nickname }) =>
      `<li><button name="subject" value="${subject}">${escape(nickname)}</button></li>`,
  );
  response.send(
    `<!doctype html><meta charset="utf-8"><title>Sign in with ${escape(provider)}</title><h1>Who are you?</h1>
<form method="post" action="/allow">${hidden.join('')}
<p><label>Password (any) <input type="password" name="password" id="password"></label></p><ul>${buttons.join('')}</ul></form>`,
  );
});

// A person chose themselves on the page above; the traffic of the demo says who it is by the address.
app.post('/allow', (request, response) => allow(request.body, response));
app.get('/allow', (request, response) => allow(request.query, response));

function allow({ state, provider, back, subject, nickname }, response) {
  const account = ACCOUNTS.find((each) => each.subject === subject);
  const code = randomBytes(12).toString('base64url');
  const profile = { nickname, email: `${subject}@example.com`, ...account };
  codes.set(code, { ...profile, provider, subject });
  response.redirect(`${back}?${new URLSearchParams({ code, state })}`);
}

app.post('/token', (request, response) => {
  const profile = codes.get(request.body.code);
  codes.delete(request.body.code);
  if (profile === undefined) return response.status(400).json({ error: 'invalid_grant' });
  response.json(profile);
});

function escape(text) {
  return String(text).replace(/[&<>"]/g, (letter) => `&#${letter.codePointAt(0)};`);
}

const server = app.listen(0, '127.0.0.1', () =>
  process.send?.({ ready: true, ports: [server.address().port] }),
);
stopWith(async () => {
  server.close();
  server.closeAllConnections();
});
