/**
 * Configuration for Envoy and Istio. Neither can check a signature in baggage, so these obey one rule: the request must carry
 * exactly this signed text, which nobody can guess. They do not know its time; apply it for the session and take it back.
 */
import { byService, escapePattern, type Copy } from './targets.js';

export interface MeshParts {
  readonly copies: readonly Copy[];
  readonly token: string;
  readonly until: string;
}

/** Full match, as both of them ask for: the member anywhere among the others. */
export function baggagePattern(token: string): string {
  return `(.*,)?\\s*sillok\\.route=${escapePattern(token)}(\\s*[,;].*)?`;
}

export function istioConfig({ copies, token, until }: MeshParts): string {
  const pattern = yamlText(baggagePattern(token));
  return [...byService(copies)]
    .map(([service, list]) =>
      [
        `# Debug routing by Sillok for ${service}, until ${until}: then delete it (kubectl delete -f).`,
        'apiVersion: networking.istio.io/v1',
        'kind: VirtualService',
        'metadata:',
        `  name: ${service.toLowerCase()}-debug-route`,
        'spec:',
        '  hosts:',
        `    - ${service}`,
        '  http:',
        ...list.flatMap(({ version, address }) => [
          `    - name: ${yamlText(`debug-${version}`)}`,
          '      match:',
          '        - headers:',
          '            baggage:',
          `              regex: ${pattern}`,
          '      route:',
          '        - destination:',
          ...istioDestination(address),
        ]),
        '    - route:',
        '        - destination:',
        `            host: ${service}`,
      ].join('\n'),
    )
    .join('\n---\n')
    .concat('\n');
}

function istioDestination(address: string): string[] {
  const [host = '', port] = address.split(/:(?=[0-9]+$)/);
  const lines = [`            host: ${host}`];
  return port === undefined ? lines : [...lines, '            port:', `              number: ${port}`];
}

export function envoyConfig({ copies, token, until }: MeshParts): string {
  const pattern = yamlText(baggagePattern(token));
  const routes = copies.flatMap(({ service, version }) => [
    `# In the virtual host of ${service}, before its other routes:`,
    '- match:',
    '    prefix: "/"',
    '    headers:',
    '      - name: baggage',
    '        string_match:',
    '          safe_regex:',
    `            regex: ${pattern}`,
    '  route:',
    `    cluster: ${yamlText(`${service}_${version}`)}`,
  ]);
  const clusters = copies.flatMap(({ service, version, address }) =>
    envoyCluster(`${service}_${version}`, address),
  );
  return [
    `# Debug routing by Sillok, until ${until}: then take it out.`,
    '# routes:',
    ...routes,
    '# clusters:',
    ...clusters,
    '',
  ].join('\n');
}

function envoyCluster(name: string, address: string): string[] {
  const [host = '', port = '80'] = address.split(/:(?=[0-9]+$)/);
  return [
    `- name: ${yamlText(name)}`,
    '  type: STRICT_DNS',
    '  connect_timeout: 1s',
    '  load_assignment:',
    `    cluster_name: ${yamlText(name)}`,
    '    endpoints:',
    '      - lb_endpoints:',
    '          - endpoint:',
    '              address:',
    `                socket_address: { address: ${yamlText(host)}, port_value: ${port} }`,
  ];
}

/** Single quotes: nothing is special in them but themselves. */
function yamlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
