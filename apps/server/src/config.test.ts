import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { allSettings, readConfig } from './config.js';

describe('settings', () => {
  test('a flag wins over the environment, and the environment over the preset', () => {
    const env = { SILLOK_PORT: '5000', SILLOK_HOST: '::1' };
    expect(readConfig({ args: ['--port', '6000'], env })).toMatchObject({
      port: 6000,
      host: '::1',
      dataDirectory: './data',
    });
    expect(readConfig({ args: ['--data=/var/lib/sillok'] })).toMatchObject({
      port: 4318,
      host: '127.0.0.1',
      dataDirectory: '/var/lib/sillok',
    });
  });

  test('a switch needs no value', () => {
    expect(readConfig({ args: ['--open-loopback', '--port', '0'] })).toMatchObject({
      openLoopback: true,
      port: 0,
    });
    expect(readConfig({ env: { SILLOK_OPEN_LOOPBACK: '0' } }).openLoopback).toBe(false);
  });

  test('an empty variable is one that is not set, and opens nothing', () => {
    const env = { SILLOK_OPEN_LOOPBACK: '', SILLOK_DATA_DIR: '', SILLOK_PORT: '' };
    expect(readConfig({ env })).toMatchObject({ openLoopback: false, dataDirectory: './data', port: 4318 });
  });

  test('sizes and days are read per kind', () => {
    const env = {
      SILLOK_RETENTION_LOG_DAYS: '7',
      SILLOK_RETENTION_SPAN_DISK: '20G',
      SILLOK_BALLAST_BYTES: '1MiB',
    };
    const config = readConfig({ env });
    expect(config.retention.log).toEqual({ days: 7, diskBytes: 0 });
    expect(config.retention.span.diskBytes).toBe(20 * 2 ** 30);
    expect(config.ballastBytes).toBe(2 ** 20);
    expect(config.retention.audit.days).toBe(0);
  });

  test.each<readonly [string[], RegExp]>([
    [['--port', '70000'], /--port=70000 cannot be used: it takes number/],
    [['--port', 'x'], /cannot be used/],
    [['--clickhouse-url', 'db1'], /--clickhouse-url=db1 cannot be used: it takes URL/],
    [['--log-level', 'loud'], /debug, info, warn, error, silent/],
    [['--prot', '1'], /--prot is not a flag/],
    [['--retention-logs', '1'], /Did you mean --retention-log-days/],
    [['--trusted-proxies', 'proxy.shop.example'], /it takes addresses/],
    [['--trusted-proxies', '0.0.0.0/0'], /it takes addresses/],
    [['--trusted-proxies', '10.0.0.0/33'], /it takes addresses/],
    [['stray'], /"stray" is not a flag/],
  ])('%j is refused with a sentence', (args, message) => {
    expect(() => readConfig({ args })).toThrow(message);
  });

  test('the page in the reference names every setting', () => {
    const page = readFileSync(new URL('../../../docs/reference/settings.md', import.meta.url), 'utf8');
    for (const { env, flag, help } of allSettings()) {
      expect(page).toContain(`| \`${env}\` | \`--${flag}\` |`);
      expect(page).toContain(help);
    }
    expect(page.match(/^\| `SILLOK_/gm)?.length).toBe(allSettings().length);
  });
});
