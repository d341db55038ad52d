// The third party at another address: it knows nothing of the shop or of Sillok, and hands a profile back.
import express from 'express';
import { randomBytes } from 'node:crypto';
import { stopWith } from '../lib/stopping.mjs';

const app = express();
app.use(express.json());
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
  const links = ACCOUNTS.map((account) => {
    const query = new URLSearchParams({
      state,
      provider,
      back,
      subject: account.subject,
      nickname: account.nickname,
    });
    return `<li><a href="/allow?${escape(query)}">${escape(account.nickname)}</a></li>`;
  });
  response.send(
    `<!doctype html><meta charset="utf-8"><title>Sign in with ${escape(provider)}</title><h1>Who are you?</h1><ul>${links.join('')}</ul>`,
  );
});

// A person chose themselves on the page above.
app.get('/allow', (request, response) => {
  const { state, provider, back, subject, nickname } = request.query;
  const account = ACCOUNTS.find((each) => each.subject === subject);
  const code = randomBytes(12).toString('base64url');
  codes.set(code, { provider, subject, nickname, email: account?.email ?? `${subject}@example.com` });
  response.redirect(`${back}?${new URLSearchParams({ code, state })}`);
});

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
