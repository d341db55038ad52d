/** Where tests let alerts go: a webhook with Slack's API beside it, and a mail server that keeps what it is given. */
import { createServer, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers as `answer` says; Slack's calls get a `ts` each. */
export class HookSink {
  readonly received: Received[] = [];
  answer: (path: string) => number = () => 200;
  /** Takes what is sent, and never says anything. */
  isMute = false;
  readonly #server: Server;
  #messages = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
      request.on('end', () => {
        const path = request.url ?? '';
        if (this.isMute) return;
        const status = this.answer(path);
        const body: Record<string, unknown> = JSON.parse(text);
        if (status === 200) this.received.push({ path, headers: request.headers, body });
        if (path.endsWith('chat.postMessage')) this.#messages += 1;
        const ts = String(body['ts'] ?? `17000000${this.#messages}.000100`);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ok: status === 200, ts, channel: 'C1' }));
      });
    });
  }

  /** `at`: where it was before it was stopped. */
  async start(at = 0): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(at, '127.0.0.1', done));
    const { port } = this.#server.address() as AddressInfo; // it listens
    return `http://127.0.0.1:${port}`;
  }

  texts(path = ''): string[] {
    return this.received.filter((each) => each.path.includes(path)).map(({ body }) => String(body['text']));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export class MailSink {
  readonly mails: { readonly to: readonly string[]; readonly text: string }[] = [];
  readonly #server: TcpServer;

  constructor() {
    this.#server = createTcpServer((socket) => this.#talk(socket));
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    const { port } = this.#server.address() as AddressInfo; // it listens
    return `smtp://127.0.0.1:${port}`;
  }

  stop(): void {
    this.#server.close();
  }

  #talk(socket: Socket): void {
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    let to: string[] = [];
    let data: string | undefined;
    let rest = '';
    say('220 sink');
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      rest += piece.toString('utf8');
      for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        if (data !== undefined && line !== '.') data += `${line}\n`;
        else if (data !== undefined) {
          this.mails.push({ to, text: data });
          [to, data] = [[], undefined];
          say('250 kept');
        } else if (/^RCPT TO:/i.test(line)) {
          to.push(/<(.*)>/.exec(line)?.[1] ?? '');
          say('250 ok');
        } else if (/^DATA/i.test(line)) {
          data = '';
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else say('250 ok');
      }
    });
  }
}
