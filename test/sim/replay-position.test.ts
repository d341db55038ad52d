/** The position of a replay's continuous mode on a disk that loses what was not synced: each call fails in turn, and then the power goes. */
import { expect, test } from 'vitest';
import { PositionFile } from '../../packages/admin/src/replay/position.js';
import { SimulatedDisk, seededRandom } from './simulated-disk.js';

const POSITIONS = ['2026-11-25T10:00:00Z', '2026-11-25T10:00:02Z', '2026-11-25T10:00:04Z'];
const SEEDS = 20;

/** Writes until the disk dies; answers how many writes were done. */
async function writes(disk: SimulatedDisk): Promise<number> {
  let done = 0;
  try {
    const file = new PositionFile('/replay', 'copy', disk);
    for (const position of POSITIONS) {
      await file.write({ position, left: [{ id: '7', reason: 'x'.repeat(100) }] });
      done += 1;
    }
  } catch {
    // The crash of this round.
  }
  return done;
}

test('is the last one that was written, or the one that was being written, and never a torn one', async () => {
  const whole = new SimulatedDisk(seededRandom(1));
  expect(await writes(whole)).toBe(POSITIONS.length);
  for (let call = 1; call <= whole.calls; call += 1) {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const disk = new SimulatedDisk(seededRandom(seed));
      disk.fault = (now) => (now === call ? 'crash' : undefined);
      const done = await writes(disk);
      disk.loseUnsynced();
      const found = new PositionFile('/replay', 'copy', disk).read()?.position;
      expect([POSITIONS[done - 1], POSITIONS[done]], `call ${call}, seed ${seed}`).toContain(found);
    }
  }
});

test('that is no position stops, instead of going on from now', async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const file = new PositionFile('/replay', 'copy', disk);
  const fd = disk.create('/replay/copy.json');
  disk.write(fd, Buffer.from('{"position":'), { offset: 0, length: 12 });
  disk.close(fd);
  expect(() => file.read()).toThrow('cannot be read');
});
