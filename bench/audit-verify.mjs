/**
 * Verifying an audit log offline, against the bare SHA-256 of the same lines in the same process: `npm run bench -- audit-verify`.
 * A verification reads the segments, checks their checksums, and hashes each record and one tree node, over as many threads as
 * there are cores, and once more by one thread alone. Interleaved, medians.
 */
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@sillok/record';
import { readHeld, verifyAuditLog } from '@sillok/server';
import { AuditLog } from '../apps/server/dist/audit/audit-log.js';
import { Checkpoints } from '../apps/server/dist/audit/checkpoints.js';
import { Queue } from '../apps/server/dist/queue/queue.js';

const SHORT = process.argv.includes('--short');
const RECORDS = SHORT ? 20_000 : 1_000_000;
const ROUNDS = SHORT ? 2 : 5;
const BATCH = 1000;

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const root = mkdtempSync(join(tmpdir(), 'sillok-bench-audit-'));
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const queue = new Queue({
  directory: join(root, 'queue'),
  boot: 'bench',
  onFailure: (error) => {
    throw error;
  },
  tryFreeSpace: () => false,
});
const clock = createClock();

function line(seq) {
  const audit = {
    'audit.id': `01a20fd7-9e7e-760a-b819-${String(seq).padStart(12, '0')}`,
    'audit.outcome': 'committed',
    'audit.action': 'order.change_address',
    'audit.entity.type': 'order',
    'audit.entity.id': String(seq % 5000),
    'audit.actor.type': 'admin',
    'audit.actor.id': `user-${seq % 40}`,
    'audit.before.address.city': 'Seoul',
    'audit.after.address.city': 'Busan',
    'audit.diff': [{ path: 'address.city', before: 'Seoul', after: 'Busan' }],
  };
  const message = `order.change_address order/${seq % 5000} by admin user-${seq % 40}: committed`;
  return Buffer.from(
    `${JSON.stringify({ seq, time: clock.now(), kind: 'audit', level: 'info', message, attributes: audit })}\n`,
  );
}

const lines = [];
for (let seq = 1; seq <= RECORDS; seq += BATCH) {
  const pieces = Array.from({ length: BATCH }, (_, index) => line(seq + index));
  lines.push(...pieces);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  queue.append(
    {
      sillok: 1,
      producer: 'bench',
      boot: 'b1',
      resource: {},
      encoding: 'flat',
      project: 'default',
      class: 'audit',
      observed_time: clock.now(),
      count: pieces.length,
      bytes,
      seqs: [seq, BATCH],
    },
    pieces,
  );
}
await queue.sync(['audit']);
const auditLog = new AuditLog({ directory: join(root, 'proof'), queue, log: silent });
const checkpoints = new Checkpoints({
  directory: join(root, 'proof'),
  auditLog,
  exportFile: '',
  log: silent,
});
const { note } = checkpoints.sign('default');
const { verifier } = checkpoints;
auditLog.close();
await queue.close();
const held = readHeld([note], [verifier]);

async function verify(threads) {
  const start = performance.now();
  const [verdict] = (await verifyAuditLog(root, held.checkpoints, threads)).projects;
  const taken = performance.now() - start;
  if (verdict.covered !== RECORDS || verdict.findings.length > 0)
    throw new Error('a clean log gave an alarm');
  return taken;
}

const times = { bare: [], verify: [], alone: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  const start = performance.now();
  for (const each of lines) hash('sha256', each, 'binary');
  times.bare.push(performance.now() - start);
  times.verify.push(await verify());
  times.alone.push(await verify(1));
}
const bytes = lines.reduce((sum, each) => sum + each.length, 0) / lines.length;
const perSecond = (ms) => Math.round(RECORDS / (ms / 1000)).toLocaleString('en-US');
process.stdout.write(
  `${RECORDS.toLocaleString('en-US')} records of ${Math.round(bytes)} bytes, ${ROUNDS} rounds, 0 false alarms\n` +
    `bare sha256  ${perSecond(median(times.bare))} records/s\n` +
    `verification ${perSecond(median(times.verify))} records/s\n` +
    `ratio        ${(median(times.bare) / median(times.verify)).toFixed(2)} (at least 0.5)\n` +
    `one thread   ${perSecond(median(times.alone))} records/s, ratio ${(median(times.bare) / median(times.alone)).toFixed(2)}\n`,
);
rmSync(root, { recursive: true });
