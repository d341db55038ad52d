export { runCli, createProgram, type ProgramOptions, type Finish } from './program.js';
export type { Io, TextStream } from './io.js';
export { referencePage } from './reference.js';
export { EXIT, EXIT_HELP, type ExitCode } from './exit-codes.js';
