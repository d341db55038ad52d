export { closeLog } from './close-log.js';
export { ScriptError, type ScriptErrorCode } from './errors.js';
export { UndoError, type UndoErrorCode } from './errors.js';
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
export { AdminError, type AdminErrorCode } from './errors.js';
export { createAdmin, type Admin, type AdminOptions } from './entity/admin.js';
export { adminClient, type AdminClient } from './entity/client.js';
export { defineAction, defineCreation, defineEntity } from './entity/define.js';
export { adminHandler, type HandlerOptions } from './entity/handler.js';
export { runReplays } from './replay/cli.js';
export { defineReplay, type Replay, type Sink, type SinkWrite } from './replay/define.js';
export { elasticSink, type ElasticSinkOptions } from './replay/elastic-sink.js';
export { postgresSink, type PostgresSinkOptions } from './replay/postgres-sink.js';
export type {
  ConflictReason,
  Image,
  UndoConflict,
  UndoOptions,
  UndoPlan,
  UndoSelection,
  UndoStep,
  UndoWays,
} from './undo/define.js';
export { createUndo, type Undo, type UndoneBy, type Undoing, type UndoResult } from './undo/undo.js';
export { undoPlanText } from './undo/undo-text.js';
export { undoScript } from './undo/undo-script.js';
