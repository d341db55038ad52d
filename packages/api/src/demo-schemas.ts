/** The demo shop, as a clone of the repository has it. */

/** What it writes is in a project of its own, away from what is real. */
export const DEMO_PROJECT = 'demo';

export interface DemoShape {
  /** False where the server was installed from a package. */
  readonly available: boolean;
  readonly state: 'stopped' | 'starting' | 'running';
  /** Its page, once it runs. */
  readonly url: string | null;
  readonly project: string;
  /** Why it ended by itself; null when it did not. */
  readonly problem: string | null;
}
