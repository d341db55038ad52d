export { engineAvailable, engineMainPath, type EngineAvailability } from './available.js';
export { EngineError, type EngineErrorCode } from './errors.js';
export { startEngine, type EngineExit, type EngineHandle, type EngineOptions } from './start.js';
export {
  superviseEngine,
  type EngineEvent,
  type EngineSupervisor,
  type SuperviseOptions,
} from './supervise.js';
