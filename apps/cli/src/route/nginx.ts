/**
 * Configuration for nginx, written once: it obeys every rule that is signed and has not ended, without another reload. nginx
 * checks the seal and the time itself (ngx_http_secure_link_module), with a secret that is lent to it alone.
 */
import { byService, escapePattern, variableOf, type Copy } from './targets.js';

export interface NginxParts {
  readonly copies: readonly Copy[];
  /** Address of each service as it is. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly secret: string;
  /** Ids of rules that were ended before their time. */
  readonly ended: readonly string[];
}

export function nginxConfig({ copies, defaults, secret, ended }: NginxParts): string {
  const groups = [...byService(copies)];
  const upstreams = [
    ...[...defaults].map(([service, address]) => upstream(service, address)),
    ...copies.map(({ service, version, address }) => upstream(nameOf({ service, version }), address)),
  ];
  const uses = groups.map(
    ([service]) => `#   ${service}: proxy_pass http://$sillok_to_${variableOf(service)};`,
  );
  return [
    '# Debug routing by Sillok. Inside http { … }; keep the file private: it holds a secret.',
    '# In the locations, pass to the variable instead of the upstream, and hand baggage on (nginx does by itself):',
    ...uses,
    mapsOf(ended),
    'secure_link "$sillok_route_seal,$sillok_route_until";',
    `secure_link_md5 "$sillok_route_body ${secret}";`,
    ...groups.map(([service, list]) => choice(service, list)),
    ...upstreams,
    '',
  ].join('\n');
}

/** Of several patterns nginx takes the first that fits. */
const mapsOf = (ended: readonly string[]): string => String.raw`map $http_baggage $sillok_route {
  default "";${ended.length === 0 ? '' : endedLine(ended)}
  "~(?:^|,)[ \t]*sillok\.route=(?<sillok_text>[A-Za-z0-9._-]+)" $sillok_text;
}
map $sillok_route $sillok_route_until {
  default "";
  "~^1_[0-9a-z]+_(?<sillok_time>[0-9]+)_" $sillok_time;
}
map $sillok_route $sillok_route_body {
  default "";
  "~^(?<sillok_body>1_.+)_[0-9]+\.[0-9a-f]{32}_[A-Za-z0-9_-]{22}$" $sillok_body;
}
map $sillok_route $sillok_route_seal {
  default "";
  "~_(?<sillok_seal>[A-Za-z0-9_-]{22})$" $sillok_seal;
}`;

function endedLine(ended: readonly string[]): string {
  const ids = ended.map(escapePattern).join('|');
  return String.raw`
  "~(?:^|,)[ \t]*sillok\.route=1_(?:${ids})_" "";`;
}

/** `$secure_link` is 1 for a good seal in time, 0 for one that has ended, and empty for any other. */
function choice(service: string, copies: readonly Copy[]): string {
  const lines = copies.map(({ version }) => {
    const pair = `${escapePattern(service)}_${escapePattern(version)}`;
    const others = '(?:[A-Za-z0-9.-]+_[A-Za-z0-9.-]+_)*?';
    return `  "~^1 1_[0-9a-z]+_[0-9]+_${others}${pair}(?:_|$)" ${nameOf({ service, version })};`;
  });
  return [
    `map "$secure_link $sillok_route_body" $sillok_to_${variableOf(service)} {`,
    `  default ${service};`,
    ...lines,
    '}',
  ].join('\n');
}

function upstream(name: string, address: string): string {
  return `upstream ${name} { server ${address}; }`;
}

function nameOf({ service, version }: Pick<Copy, 'service' | 'version'>): string {
  return `${service}_${version}`;
}
