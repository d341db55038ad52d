/** The way in: makes a logger, and everything behind it on first use. */
import { resolve } from 'node:path';
import { captureConsole } from './console.js';
import { captureFatal } from './fatal.js';
import { EMPTY_FRAGMENT } from './fragment.js';
import { unwatchLifecycle, watchLifecycle } from './lifecycle.js';
import { Logger } from './logger.js';
import { resolveSettings, type Settings, type SillokOptions } from './options.js';
import { prepareFields } from './prepare.js';
import { reportOpenRequests } from './report-open-requests.js';
import { setCurrentPropagation } from './propagation.js';
import { openRuntime, type Runtime } from './runtime.js';

/** One per service and folder: loggers of one process write one ordered record. */
const runtimes = new Map<string, Runtime>();
let defaultLogger: Logger | undefined;

/**
 * Makes a logger. The first one becomes the default of the middleware and of `getLogger()`. Called again for the same
 * service and folder it shares the record; then only `level`, `bindings`, `serializers` and `mixin` are its own.
 */
export function sillok(options: SillokOptions = {}): Logger {
  const settings = resolveSettings(options);
  const key = `${resolve(settings.root)}\n${settings.service}`;
  const known = runtimes.get(key);
  const runtime = known !== undefined && !known.recorder.isClosed ? known : openRuntime(settings);
  const log = loggerOf(runtime, settings);
  if (defaultLogger === undefined || defaultLogger.runtime.recorder.isClosed) {
    defaultLogger = log;
    setCurrentPropagation(runtime.propagation);
  }
  if (runtime === known) return log;
  runtimes.set(key, runtime);
  start(runtime, log, settings);
  return log;
}

/** The same, under the name that winston and bunyan users look for. */
export function createLogger(options: SillokOptions = {}): Logger {
  return sillok(options);
}

/** The first logger of this process; made with the settings of the environment when there is none. */
export function getLogger(): Logger {
  if (defaultLogger !== undefined && !defaultLogger.runtime.recorder.isClosed) return defaultLogger;
  return sillok();
}

export function loggerOf(runtime: Runtime, settings: Settings): Logger {
  const { bindings, serializers, mixin } = settings.options;
  const { encoder } = runtime.writer;
  return new Logger({
    runtime,
    bindings: bindings === undefined ? EMPTY_FRAGMENT : encoder.fragment(prepareFields(bindings)),
    level: settings.level,
    serializers: serializers ?? {},
    mixin,
    scope: undefined,
  });
}

function start(runtime: Runtime, log: Logger, settings: Settings): void {
  const { captureFatal: fatal = true, captureWarnings: warnings = true } = settings.options;
  const releases = [captureFatal(log, { fatal, warnings })];
  if (settings.options.captureConsole === true) releases.push(captureConsole(log));
  watchLifecycle(runtime);
  runtime.onClosed(() => {
    unwatchLifecycle(runtime);
    for (const release of releases) release();
  });
  // After the host's own start: reading what a dead boot left must not delay it.
  setImmediate(() => reportOpenRequests(runtime, resolve(settings.root))).unref();
}
