// Ends what a runner leaves behind that was killed. It reads lines from a pipe, which closes with the runner however that ends; then
// everything that is still named gets its signal, the last one started first, and the folders go.
//   {"keep":PID,"signal":"SIGTERM"}   {"gone":PID}   {"folder":PATH}
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 10_000;
const POLL_MS = 50;
const RETRIES = 20;
const kept = new Map();
const folders = new Set();

for await (const line of createInterface({ input: process.stdin })) {
  const { keep, signal, gone, folder } = JSON.parse(line);
  if (keep !== undefined) kept.set(keep, signal);
  if (gone !== undefined) kept.delete(gone);
  if (folder !== undefined) folders.add(folder);
}
const deadline = Date.now() + GRACE_MS;
for (const [pid, signal] of [...kept].toReversed()) tell(pid, signal);
while ([...kept.keys()].some(isThere) && Date.now() < deadline) await pause(POLL_MS);
for (const pid of kept.keys()) tell(pid, 'SIGKILL');
// What was started by something of that list may still write its last file.
for (const folder of folders)
  rmSync(folder, { recursive: true, force: true, maxRetries: RETRIES, retryDelay: POLL_MS });

function tell(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
