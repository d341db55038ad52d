import { expect, test } from 'vitest';
import { contextOptionsOf, createPropagation, type ContextOptions } from './propagation.js';

function propagationOf(context: ContextOptions): {
  notices: string[];
  inside: (host: string) => boolean | undefined;
  believes: (address: string | undefined) => boolean | undefined;
} {
  const notices: string[] = [];
  const made = createPropagation({ context, seal: undefined, notice: (text) => notices.push(text) });
  return {
    notices,
    inside: (host) => made.outgoing(host).isInside,
    believes: (address) => made.incoming(address).isTrustedSender,
  };
}

test('without a setting, only hosts that cannot be a stranger’s get baggage', () => {
  const { inside } = propagationOf({});
  const ours = [
    'orders',
    'localhost:4318',
    '127.0.0.1',
    '10.2.3.4:80',
    '[::1]:80',
    'fd00::1',
    'db.prod.svc',
    'a.internal',
  ];
  const others = ['api.kakao.com', '8.8.8.8', '2001:db8::1', 'shop.example', 'internal.example'];
  expect(ours.filter((host) => inside(host) !== true)).toEqual([]);
  expect(others.filter((host) => inside(host) !== false)).toEqual([]);
});

test('a hop is trusted by its address; nobody is without a setting, and a broken one is told', () => {
  const { believes, notices } = propagationOf({
    trustedHops: ['10.0.0.0/8', '192.168.1.7', 'fd00::/8', 'gateway', '10.0.0.0/99'],
  });
  expect(['10.9.9.9', '192.168.1.7', 'fd00::2'].map(believes)).toEqual([true, true, true]);
  expect(['11.0.0.1', '192.168.1.8', '::1', undefined, 'garbage'].map(believes)).toEqual(
    Array(5).fill(undefined),
  );
  expect(notices).toHaveLength(2);
  expect(propagationOf({}).believes('127.0.0.1')).toBeUndefined();
});

test('lists come from the environment by comma; an option wins, an empty variable is none', () => {
  const env = {
    SILLOK_TRUSTED_HOPS: ' loopback , 10.0.0.0/8,',
    SILLOK_ALIAS_HEADERS: '',
    SILLOK_INSIDE_HOSTS: 'a',
  };
  expect(contextOptionsOf({ insideHosts: ['b'] }, env)).toEqual({
    aliasHeaders: undefined,
    trustedHops: ['loopback', '10.0.0.0/8'],
    insideHosts: ['b'],
    propagate: undefined,
  });
});
