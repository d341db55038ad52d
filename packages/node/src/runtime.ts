/**
 * Everything behind a logger: the recorder and its spool, redaction, the shipper, the signs of life. One per
 * spool folder and process (or thread); loggers made with the same service and folder share it, so that their records
 * have one order.
 *
 * Opening never throws: where there is no disk to write to, records go to standard error, and that is said once.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TraceContext } from '@sillok/context';
import { newBoot } from '@sillok/record';
import { bootDirectory, openSpoolWriter, type SpoolWriter } from '@sillok/spool';
import { auditNotKept, flushFailed } from './errors.js';
import { EMPTY_FRAGMENT } from './fragment.js';
import { routeOf, type Routed } from './identity/debug-route.js';
import { Identity } from './identity/identity.js';
import { createPersonalFields } from './identity/sealing.js';
import { makeHead } from './entry.js';
import { LineWriter } from './line.js';
import { NOTICES_MAX, SEGMENT_BYTES_DEFAULT } from './limits.js';
import { createMappedDisk } from './mapped-disk.js';
import { loadNativeFor } from './native.js';
import { OpenRequests } from './open-requests.js';
import type { Settings } from './options.js';
import { prettyLine } from './pretty.js';
import { loadProducer } from './producer.js';
import { createPropagation, type Propagation } from './propagation.js';
import { Recorder, type Sink } from './recorder.js';
import { createRedaction } from './redaction.js';
import { loadRules } from './rules.js';
import { errorMessage, isError } from './serializers.js';
import { startShipping, type Shipping } from './shipping.js';
import { nowhereSink, printingSink, spoolSink, stderrSink } from './sinks.js';
import { encodeToken } from './token.js';

export interface RuntimeParts {
  readonly settings: Settings;
  readonly recorder: Recorder;
  readonly requests: OpenRequests;
}

const SYSTEM_HEAD = makeHead('event', 'debug');
const WARNING_HEAD = makeHead('event', 'warn');

export class Runtime {
  readonly settings: Settings;
  readonly recorder: Recorder;
  readonly writer: LineWriter;
  readonly requests: OpenRequests;
  readonly identity: Identity;
  readonly propagation: Propagation;
  #shipping: Shipping | undefined;
  readonly #startedMs = Date.now();
  readonly #closed: (() => void)[] = [];
  #notices = 0;
  #closing: Promise<void> | undefined;
  #isFarewellSaid = false;

  constructor(parts: RuntimeParts) {
    this.settings = parts.settings;
    this.recorder = parts.recorder;
    this.requests = parts.requests;
    const { settings } = parts;
    const notice = (text: string): void => this.notice(text);
    this.identity = new Identity(settings.identity, notice);
    const { box, seal } = this.identity;
    const personal = createPersonalFields(settings.options.personal ?? [], box);
    const redaction = createRedaction(settings.redact);
    const rules = loadRules(settings.options.rules, {
      isSensitive: redaction?.isSensitive ?? ((): boolean => false),
      isPersonal: personal?.covers ?? ((): boolean => false),
      notice,
    });
    this.writer = new LineWriter({ recorder: parts.recorder, redaction, personal, rules });
    const admitRoute = (trace: TraceContext): Routed => routeOf(trace, { settings, identity: this.identity });
    this.propagation = createPropagation({ context: settings.context, seal, admitRoute, notice });
  }

  /** Stands for everything recorded so far. */
  get token(): string {
    this.recorder.writeWaiting();
    const { producer, boot, seq } = this.recorder;
    return encodeToken({ producer, boot, seq });
  }

  async flush(): Promise<string> {
    const { token } = this;
    try {
      await this.recorder.sink.sync();
    } catch (error) {
      throw flushFailed(error);
    }
    return token;
  }

  /** For the end of a process. A disk that does not confirm changes nothing: what is written stays written. */
  syncNow(): void {
    this.recorder.writeWaiting();
    try {
      this.recorder.sink.syncNow();
    } catch (error) {
      this.notice(`the disk did not confirm the last records: ${isError(error) ? errorMessage(error) : ''}`);
    }
  }

  async confirmAudit(isWritten: boolean): Promise<void> {
    if (!isWritten) throw auditNotKept(undefined);
    try {
      await this.recorder.sink.confirm();
    } catch (error) {
      throw auditNotKept(error);
    }
  }

  /** A record of Sillok's own about this boot. */
  system(name: string, message: string, fields: object = {}): void {
    const head = name === 'sillok.open_request' ? WARNING_HEAD : SYSTEM_HEAD;
    this.writer.write({ head, message, fields: { ...fields, 'event.name': name }, bindings: EMPTY_FRAGMENT });
  }

  heartbeat(): void {
    this.system('sillok.heartbeat', 'alive', {
      'process.uptime_s': Math.round((Date.now() - this.#startedMs) / 1000),
      'process.memory.rss': process.memoryUsage.rss(),
      'sillok.dropped_total': this.recorder.dropped,
      'sillok.open_requests': this.requests.count,
    });
  }

  /** The last record of this boot, on the disk when this returns. Once. */
  sayFarewell(reason: string, fields: object = {}): void {
    if (this.#isFarewellSaid) return;
    this.#isFarewellSaid = true;
    this.system('sillok.closed', `closed: ${reason}`, { ...fields, 'sillok.reason': reason });
    this.syncNow();
    this.requests.closeNow();
  }

  ship(shipping: Shipping): void {
    this.#shipping = shipping;
  }

  /** Called once, when this runtime has ended. */
  onClosed(listener: () => void): void {
    this.#closed.push(listener);
  }

  close(reason: string): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: string): Promise<void> {
    this.sayFarewell(reason);
    for (const listener of this.#closed) listener();
    try {
      await this.#shipping?.stop();
      await this.recorder.close();
    } catch (error) {
      this.notice(`closing: ${isError(error) ? errorMessage(error) : String(error)}`);
    }
  }

  /** Something about Sillok itself that the host's owner should know. Never many of them. */
  notice(text: string): void {
    this.#notices += 1;
    if (this.#notices > NOTICES_MAX) return;
    process.stderr.write(`sillok: ${text}\n`);
  }
}

export function openRuntime(settings: Settings): Runtime {
  if (settings.isDisabled) return openNowhere(settings);
  const root = resolve(settings.root);
  const producer = loadProducer(root, settings.service);
  const boot = newBoot();
  const directory = bootDirectory(root, { producer, boot });
  const notice = (text: string): void => runtime.notice(text);
  const opened = openSpool(settings, { root, directory, producer, boot, notice });
  const spool = opened instanceof Error ? undefined : opened;
  const sink = withPrinter(spool === undefined ? stderrSink() : spoolSink(spool), settings.stdout);
  const runtime: Runtime = new Runtime({
    settings,
    recorder: new Recorder({ sink, producer, boot, resource: settings.resource }),
    requests: new OpenRequests(spool === undefined ? undefined : { root, producer, boot }),
  });
  if (settings.options.mapped === true && loadNativeFor(root) === undefined) {
    runtime.notice('the native part is not here, or the disk is not local: each record is a system call');
  }
  if (opened instanceof Error) {
    const why = errorMessage(opened);
    runtime.notice(`no spool in ${directory} (${why}); records go to standard error and are not shipped`);
  } else if (settings.url !== undefined && !isServerUrl(settings.url)) {
    runtime.notice(`"${settings.url}" is no address of a server (http://host:4318); records wait in ${root}`);
  } else if (settings.url !== undefined) {
    runtime.ship(startShipping({ url: settings.url, key: settings.key, directory, source: opened, notice }));
  }
  return runtime;
}

function isServerUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The service runs as it would, and nothing is kept, sent or printed: to measure or to rule Sillok out. */
function openNowhere(settings: Settings): Runtime {
  const recorder = new Recorder({
    sink: nowhereSink(),
    producer: 'disabled',
    boot: newBoot(),
    resource: settings.resource,
  });
  return new Runtime({ settings, recorder, requests: new OpenRequests(undefined) });
}

interface Place {
  readonly root: string;
  readonly directory: string;
  readonly producer: string;
  readonly boot: string;
  readonly notice: (text: string) => void;
}

function openSpool(settings: Settings, place: Place): SpoolWriter | Error {
  const { sync, quotaBytes, segmentBytesMax = SEGMENT_BYTES_DEFAULT } = settings.options;
  const { producer, boot, directory, notice } = place;
  const header = { sillok: 1, producer, boot, resource: settings.resource, encoding: 'flat' } as const;
  try {
    mkdirSync(place.root, { recursive: true });
    const native = settings.isMapped ? loadNativeFor(place.root) : undefined;
    const disk = native === undefined ? undefined : createMappedDisk(native);
    return openSpoolWriter({
      ...{ directory, header, sync, quotaBytes, segmentBytesMax, disk },
      onRestored: () =>
        notice(
          `${directory} was removed while it was in use; it is there again with its open segment. ` +
            'Older segments that were not shipped yet are gone.',
        ),
      onError: (error) => notice(`${error.message} Records go to standard error and are not shipped.`),
    });
  } catch (error) {
    return isError(error) ? error : new Error(String(error));
  }
}

function withPrinter(sink: Sink, stdout: Settings['stdout']): Sink {
  if (stdout === 'none') return sink;
  if (stdout === 'json') return printingSink(sink, (line) => void process.stdout.write(`${line}\n`));
  const colours = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  return printingSink(sink, (line) => void process.stdout.write(`${prettyLine(line, { colours })}\n`));
}
