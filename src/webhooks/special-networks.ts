/** The addresses that webhooks may not be sent to unless an operator allows them. */

/**
 * Cloud services that hand out the credentials of the machine: the metadata services, and Azure's host agent, whose address looks public.
 */
export const metadataAddresses = [
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
]

/**
 * The special-purpose address registries (RFC 6890 and its IANA tables), and ranges of IPv6 addresses that contain an IPv4 address. Each
 * key is the reason for a refusal, as messages give it.
 */
export const nonPublicNetworks: Record<string, string[]> = {
  'it leads back to this machine': ['127.0.0.0/8', '::1/128'],
  'it is unspecified': ['0.0.0.0/8', '::/128'],
  'it is private': ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  'it is link-local': ['169.254.0.0/16', 'fe80::/10'],
  'it is shared carrier space': ['100.64.0.0/10'],
  'it is multicast or broadcast': ['224.0.0.0/4', '255.255.255.255/32', 'ff00::/8'],
  'it is for documentation': ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  'it is for benchmarks': ['198.18.0.0/15'],
  'it is a translated or tunneled IPv4 address': [
    '::/96',
    '::ffff:0:0:0/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '2002::/16',
    '192.88.99.0/24',
    '2001::/32',
  ],
  'it is reserved': [
    '192.0.0.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.175.48.0/24',
    '240.0.0.0/4',
    '100::/64',
    '2001::/23',
    '2620:4f:8000::/48',
    '5f00::/16',
  ],
}

/** The only part of IPv6 that is assigned for public use (RFC 4291 §2.4). */
export const publicIpv6Network = '2000::/3'
