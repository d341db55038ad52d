/**
 * What every record of a replay says of itself. The server reads it as it arrives: it knows by them which replays there are, how far
 * behind each is, and misses one that said when it would speak again and does not.
 */
import type { Replay } from './define.js';

export interface SignOptions {
  readonly mode: 'follow' | 'check' | 'run';
  /** Within which time it speaks again; undefined: nobody knows. */
  readonly beatMs?: number | undefined;
}

export function signOf({ name, entity, owner, sink }: Replay, { mode, beatMs }: SignOptions) {
  return {
    'replay.name': name,
    'replay.mode': mode,
    'replay.entity': entity,
    'replay.sink': sink.name,
    ...(beatMs === undefined ? {} : { 'replay.beat_ms': beatMs }),
    ...(owner === undefined ? {} : { 'replay.owner': owner }),
  };
}
