/** Three lines per framework. They are shown as they are, with this server's own address in them. */

export interface Snippet {
  readonly name: string;
  readonly code: string;
}

export function snippets(url: string): readonly Snippet[] {
  return [
    {
      name: 'Node',
      code: `import { createLogger } from '@sillok/node';
const log = createLogger({ service: 'orders', url: '${url}' });
log.info({ order: { id: 7 } }, 'paid');`,
    },
    {
      name: 'Express',
      code: `import { createLogger } from '@sillok/node';
import { sillokExpress, sillokExpressErrors } from '@sillok/node/express';
createLogger({ service: 'orders', url: '${url}' });
app.use(sillokExpress()); /* … routes … */ app.use(sillokExpressErrors());`,
    },
    {
      name: 'OpenTelemetry',
      code: `OTEL_EXPORTER_OTLP_ENDPOINT=${url}
OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer $SILLOK_KEY"
OTEL_SERVICE_NAME=orders`,
    },
    {
      name: 'Python, Go, Java, …',
      code: `# any program that writes lines to a file
export SILLOK_URL=${url} SILLOK_KEY=…
npx sillok ship --follow /var/log/shop/shop.log`,
    },
    {
      name: 'curl',
      code: `curl -H "Authorization: Bearer $SILLOK_KEY" ${url}/v1/logs \\
  -H 'content-type: application/json' -d '{"resourceLogs":[{"scopeLogs":[{"logRecords":[
  {"severityText":"INFO","body":{"stringValue":"hello"}}]}]}]}'`,
    },
  ];
}
