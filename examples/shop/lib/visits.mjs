// What the gateway remembers of a visit: a session for everybody who comes, and the scenario that it belongs to. Links and
// redirects carry no headers of the page, so on the way to the third party and back the session says which scenario it is.
import { randomBytes } from 'node:crypto';
import { carry, currentTrace, identify, startScenario } from '@sillok/node';

const VISITS_MAX = 10_000;
const scenarios = new Map();

export function sessionOf(request) {
  return /(?:^|; *)shop_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
}

/** Before Sillok reads the request: the page's own header wins. */
export function recallScenario(request, _response, next) {
  const known = scenarios.get(sessionOf(request));
  if (known !== undefined && request.headers.baggage === undefined)
    request.headers.baggage = `sillok.global_trace_id=${known}`;
  next();
}

export function beginVisit(request, response, next) {
  const version = request.headers['x-client-version'];
  if (version !== undefined) carry({ 'client.version': version });
  if (sessionOf(request) === undefined && request.method === 'GET' && !request.path.startsWith('/api/')) {
    const id = randomBytes(18).toString('base64url');
    response.append('set-cookie', `shop_session=${id}; Path=/; HttpOnly; SameSite=Lax`);
    identify({ session: id });
    remember(id);
  } else if (sessionOf(request) !== undefined) remember(sessionOf(request));
  next();
}

/** The session has another id from here on; the scenario is the same. */
export function followSession(cookies) {
  for (const cookie of cookies) {
    const id = /^shop_session=([\w-]+)/.exec(cookie)?.[1];
    if (id !== undefined) remember(id);
  }
}

function remember(session) {
  scenarios.set(session, currentTrace()?.globalTraceId ?? startScenario());
  if (scenarios.size > VISITS_MAX) scenarios.delete(scenarios.keys().next().value);
}
