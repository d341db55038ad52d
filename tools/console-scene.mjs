/**
 * The demo with all that a team makes in it, kept until it is stopped; for looking at pages while they are changed.
 *
 *   node tools/console-scene.mjs [--minutes 2] --to scene.json      then: console-look.mjs or console-images.mjs --scene scene.json
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { startScene } from './lib/demo-scene.mjs';
import { option } from './lib/options.mjs';
import { say } from './lib/prepare.mjs';

const scene = await startScene({ minutes: Number(option('minutes', '2')), say });
const { stop, ...place } = scene;
writeFileSync(option('to', 'scene.json'), JSON.stringify(place), { mode: 0o600 });
say('ready; Ctrl-C ends it');
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await stop();
// What is still open belongs to children that have ended.
process.exit(0);
