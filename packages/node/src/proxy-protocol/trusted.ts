/** Who may say on whose behalf a connection is. */
import { BlockList, isIP, isIPv6 } from 'node:net';

const NAMED: { readonly [name: string]: readonly string[] } = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '169.254.0.0/16',
    'fc00::/7',
    'fe80::/10',
  ],
};

/** Throws for what is no address: a server that believes the wrong proxies must not start. */
export function proxiesOf(
  texts: readonly string[] = ['loopback', 'private'],
): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const text of texts.flatMap((each) => NAMED[each] ?? [each])) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address);
    if (family === 0) throw new TypeError(`acceptProxyProtocol: "${text}" is no address and no network`);
    list.addSubnet(
      address,
      bits === undefined ? (family === 6 ? 128 : 32) : Number(bits),
      family === 6 ? 'ipv6' : 'ipv4',
    );
  }
  return (address) => {
    if (address === undefined) return false;
    // A socket that listens on :: names IPv4 clients ::ffff:10.0.0.7.
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
