/** A browser as far as signing in needs one: an origin, and a jar with one server's cookies. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; tests name the part that they look at. */
  readonly body: Record<string, unknown>;
}

export class TestBrowser {
  readonly #cookies = new Map<string, string>();
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(method: string, path: string, json?: unknown): Promise<Answer> {
    const response = await this.open(method, path, json);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    // Answers of the API are objects.
    const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text };
    return { status: response.status, headers: response.headers, body };
  }

  async open(method: string, path: string, json?: unknown): Promise<Response> {
    const isWrite = method !== 'GET';
    const url = path.startsWith('http') ? path : this.#url + path;
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        cookie: this.cookie,
        ...(isWrite && { origin: this.#url }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    for (const each of response.headers.getSetCookie()) {
      const [pair = ''] = each.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0/.test(each)) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Opens a link of ours: `…/#sign-in=SECRET`. */
  async signInBy(link: string): Promise<Answer> {
    return this.ask('POST', '/api/session', { token: secretOf(link) });
  }
}

export function secretOf(link: unknown): string {
  return /#[a-z-]+=(.+)$/.exec(String(link))?.[1] ?? '';
}
