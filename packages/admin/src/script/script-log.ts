/** The log of a script run: records of kind `script` that carry the run, so that one search shows all of it. */
import { scriptRecord, type Logger } from '@sillok/node';
import type { Level } from '@sillok/record';

export interface ScriptLog {
  debug(fields: object | string, message?: string): void;
  info(fields: object | string, message?: string): void;
  warn(fields: object | string, message?: string): void;
  error(fields: object | string, message?: string): void;
}

export function createScriptLog(logger: Logger, bindings: object): ScriptLog {
  const at =
    (level: Level) =>
    (fields: object | string, message = ''): void => {
      const isText = typeof fields === 'string';
      scriptRecord(logger, {
        level,
        message: isText ? fields : message,
        fields: { ...bindings, ...(isText ? {} : fields) },
      });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
