export { readEdgeLine, readEdgeObject, isEdgeLine, textOfUnparsed } from './read-edge.js';
export type { EdgeOptions, EdgeReading } from './reading.js';
