/** The calls of the demo shop. Its project stands in the server's answer. */
import type { DemoShape } from '@sillok/api';
import { ask, send } from './http.js';
import { chooseProject } from './team.js';

export const demoState = (signal: AbortSignal): Promise<DemoShape> => ask('/api/demo', { signal });

/** Begins it, and goes to its project, where its first record will arrive. */
export async function startDemo(): Promise<void> {
  const { project } = await send<DemoShape>('POST', '/api/demo');
  await chooseProject(project);
}

export async function stopDemo(): Promise<void> {
  await send('DELETE', '/api/demo');
  await leaveDemo();
}

/** To the project that every server has. */
export const leaveDemo = (): Promise<unknown> => chooseProject('default');
