/** The folder of all data: made where it is missing, and tried before anything is opened in it. */
import { accessSync, constants, mkdirSync } from 'node:fs';

import { ConfigError } from './errors.js';

/** Throws a sentence for whoever starts the server. */
export function prepareDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `The data folder ${path} cannot be used: ${reason}. Nothing was started or changed; ` +
        'give this user the right to write there, or choose another folder with --data.',
    );
  }
}
