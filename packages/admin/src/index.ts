export { ScriptError, type ScriptErrorCode } from './errors.js';
export { assertTestDatabase, MARK_TEST_DATABASE_SQL } from './guard.js';
export { runScripts, type ScriptsIo } from './script/cli.js';
export { readCsv } from './script/csv.js';
export {
  defineScript,
  type AnyScript,
  type ItemContext,
  type Script,
  type ScriptContext,
} from './script/define.js';
