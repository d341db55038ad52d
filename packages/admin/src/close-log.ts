/** For a program that ends: what it has recorded is on its way before it does, so that a notice does not wait for the next start. */
import { getLogger } from '@sillok/node';

export async function closeLog(): Promise<void> {
  await getLogger().close();
}
