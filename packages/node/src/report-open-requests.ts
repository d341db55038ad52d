/**
 * At the start of a boot: names the requests that were open when an earlier one died. Each dead boot's file is claimed by
 * a rename, so of several processes that start together one reports it.
 */
import { readdirSync, readFileSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bootDirectory, isLocked, listSegments, nodeDisk, nodeProcesses, readGroups } from '@sillok/spool';
import { bootOfRequestsFile, ownDirectory } from './filenames.js';
import { OPEN_FILES_MAX, OPEN_SEGMENTS_SEARCHED } from './limits.js';
import { parseRequests, type FoundRequest } from './open-requests.js';
import type { Runtime } from './runtime.js';

export function reportOpenRequests(runtime: Runtime, root: string): void {
  const directory = ownDirectory(root);
  const own = runtime.recorder.boot;
  const boots = namesIn(directory)
    .map(bootOfRequestsFile)
    .filter((boot) => boot !== undefined && boot !== own)
    .slice(0, OPEN_FILES_MAX);
  for (const boot of boots) {
    try {
      if (boot !== undefined) reportBoot(runtime, { root, boot, path: join(directory, `${boot}.requests`) });
    } catch {
      // Claimed by another process, or not readable: it is no reason to trouble the host.
    }
  }
}

interface DeadBoot {
  readonly root: string;
  readonly boot: string;
  readonly path: string;
}

function reportBoot(runtime: Runtime, dead: DeadBoot): void {
  const found = parseRequests(readFileSync(dead.path));
  if (found === undefined) return;
  const directory = bootDirectory(dead.root, { producer: found.producer, boot: dead.boot });
  if (isLocked({ disk: nodeDisk, directory, processes: nodeProcesses, clockMs: Date.now })) return;
  const claimed = `${dead.path}.${runtime.recorder.boot}`;
  renameSync(dead.path, claimed);
  // Read again: until the rename another boot may have been the one to claim an earlier state of it.
  const requests = parseRequests(readFileSync(claimed))?.requests ?? [];
  for (const request of stillOpen(requests, directory)) reportRequest(runtime, dead.boot, request);
  unlinkSync(claimed);
}

function reportRequest(runtime: Runtime, boot: string, request: FoundRequest): void {
  const { method, path, traceId, spanId, startedMs } = request;
  runtime.system('sillok.open_request', `${method} ${path} was open when the process died`, {
    trace_id: traceId,
    span_id: spanId,
    'http.request.method': method,
    'url.path': path,
    'sillok.dead_boot': boot,
    'sillok.started_at': new Date(startedMs).toISOString(),
  });
}

/** Without those whose access record was written: they had ended, and only their slot was not used again yet. */
function stillOpen(requests: readonly FoundRequest[], directory: string): FoundRequest[] {
  const open = new Map(requests.map((request) => [request.spanId, request]));
  if (open.size === 0) return [];
  const segments = listSegments({ directory }).slice(-OPEN_SEGMENTS_SEARCHED);
  const first = segments[0];
  if (first === undefined) return [...open.values()];
  for (const group of readGroups({ directory, from: { segment: first.segment, offset: 0 } })) {
    const text = Buffer.from(group.lines.buffer, group.lines.byteOffset, group.lines.byteLength);
    for (const spanId of open.keys()) if (hasEnded(text, spanId)) open.delete(spanId);
  }
  return [...open.values()];
}

/** Whether these lines hold the access record of that span. */
function hasEnded(lines: Buffer, spanId: string): boolean {
  const mark = `"span_id":"${spanId}"`;
  for (let at = lines.indexOf(mark); at !== -1; at = lines.indexOf(mark, at + 1)) {
    const start = lines.lastIndexOf('\n', at) + 1;
    if (lines.subarray(start, at).includes('"kind":"access"')) return true;
  }
  return false;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
