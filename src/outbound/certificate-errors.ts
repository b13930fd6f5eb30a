/** What is wrong with the TLS certificate of a server, and what to do about it, by the error code of Node.js (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */

const untrusted =
  'was not issued by an authority that this machine trusts: have the server send its whole chain, or name the file of your own authority in NODE_EXTRA_CA_CERTS'

const problems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired: renew it on the server, and check the clock of this machine',
  CERT_NOT_YET_VALID: 'is not valid yet: check the clock of this machine',
  CERT_REVOKED: 'was revoked: install a new one on the server',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'is self-signed: name its file in NODE_EXTRA_CA_CERTS, or install one of an authority that this machine trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name: check the address in the settings, and the certificate on the server',
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
}
/** The code of an error that happened between Handoff and the outbound proxy (tunnel.ts). */
const proxyPrefix = 'PROXY_'

/**
 * Describes an error code that is about a certificate, as a sentence about `owner`.
 * @param owner whose certificate it is: "the receiver"
 * @returns undefined if the code is about something else
 */
export function describeCertificateError(code: string | undefined, owner: string): string | undefined {
  if (code?.startsWith(proxyPrefix)) return describeCertificateError(code.slice(proxyPrefix.length), 'the outbound proxy')
  const problem = problems[code ?? ''] ?? (/^(ERR_TLS_)?CERT_|_CERT(_|$)/.test(code ?? '') ? 'is not accepted' : undefined)
  return problem && `the certificate of ${owner} ${problem}`
}
