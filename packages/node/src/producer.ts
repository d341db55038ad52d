/**
 * The name of this installation of a service. It is made once and kept beside the spools, so that a service that
 * restarts is the same producer with another boot. Processes that start at the same moment agree on one name: it
 * appears with its content in one step, and whoever comes second reads it.
 */
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { isName, newBoot, newProducer } from '@sillok/record';
import { ownDirectory, producerFile } from './filenames.js';

export function loadProducer(root: string, service: string): string {
  const given = process.env['SILLOK_PRODUCER'];
  if (given !== undefined && isName(given)) return given;
  try {
    return readProducer(root, service) ?? createProducer(root, service);
  } catch {
    // Nowhere to keep it: this boot gets a name of its own.
    return newProducer(service);
  }
}

function readProducer(root: string, service: string): string | undefined {
  try {
    const name = readFileSync(producerFile(root, service), 'utf8').trim();
    return isName(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

function createProducer(root: string, service: string): string {
  mkdirSync(ownDirectory(root), { recursive: true });
  const name = newProducer(service);
  const temporary = `${producerFile(root, service)}.${newBoot()}`;
  writeFileSync(temporary, `${name}\n`);
  try {
    linkSync(temporary, producerFile(root, service));
    return name;
  } catch {
    return readProducer(root, service) ?? name;
  } finally {
    unlinkSync(temporary);
  }
}
