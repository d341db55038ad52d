/** `npm run check`: types → lint → format → unused → tests with tidy. `--no-tests` leaves the last out. */
import { build, installDebianPackages, installPackages, installPrisma, requireNode } from './lib/prepare.mjs';
import { finish, runChecks, runTests } from './lib/suites.mjs';

requireNode();
await installPackages();
await build();
await runChecks();
if (!process.argv.includes('--no-tests')) {
  await installDebianPackages();
  await installPrisma();
  await runTests([]);
}
finish();
