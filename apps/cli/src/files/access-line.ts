/** Access logs in the common and combined formats of nginx and Apache, as records of kind `access`. */
import { parseTime } from '@sillok/record';

const COMBINED =
  /^(\S+) \S+ (\S+) \[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?[ \t]*(.*)$/;
const REQUEST = /^([A-Z]+) (\S+)(?: HTTP\/(\d(?:\.\d)?))?$/;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export function tryAccessLine(line: string): { [field: string]: unknown } | undefined {
  const match = COMBINED.exec(line);
  if (!match) return undefined;
  const [, address, user, day, month, year, clock, zone, request = '', status, size, referer, agent, more] =
    match;
  const monthNumber = String(MONTHS.indexOf(month ?? '') + 1).padStart(2, '0');
  const time = parseTime(`${year}-${monthNumber}-${day}T${clock}${zone}`);
  if (time === undefined) return undefined;
  const code = Number(status);
  return {
    time,
    kind: 'access',
    level: code >= 500 ? 'error' : code >= 400 ? 'warn' : 'info',
    message: `${request} ${status}`,
    'client.address': address,
    ...requestFields(request),
    'http.response.status_code': code,
    ...given('http.response.body.size', size === '-' ? undefined : Number(size)),
    ...given('user.name', user === '-' ? undefined : user),
    ...given('http.request.header.referer', referer === '-' ? undefined : referer),
    ...given('user_agent.original', agent === '-' ? undefined : agent),
    ...given('access.more', more === '' ? undefined : more),
  };
}

function requestFields(request: string): { [field: string]: unknown } {
  const match = REQUEST.exec(request);
  if (!match) return {};
  const [, method, target = '', version] = match;
  const mark = target.indexOf('?');
  return {
    'http.request.method': method,
    'url.path': mark < 0 ? target : target.slice(0, mark),
    ...given('url.query', mark < 0 ? undefined : target.slice(mark + 1)),
    ...given('network.protocol.version', version),
  };
}

function given(field: string, value: unknown): { [field: string]: unknown } {
  return value === undefined ? {} : { [field]: value };
}
