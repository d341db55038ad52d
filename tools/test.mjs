/** `npm test`: installs what is missing (Debian packages included when root), builds, runs all tests. */
import { build, installDebianPackages, installPackages, installPrisma, requireNode } from './lib/prepare.mjs';
import { finish, runTests } from './lib/suites.mjs';

requireNode();
await installPackages();
await installDebianPackages();
await installPrisma();
await build();
await runTests(process.argv.slice(2));
finish();
