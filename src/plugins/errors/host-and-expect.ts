/** Whether the headers Host and Expect of a request are valid. They are checked before anything else, also where no route is found. */
import type { FastifyRequest } from 'fastify'
import { HttpProblem } from '../../routes/problem-response.ts'

/** `host` or `host:port`, where the host is a name, an IPv4 address, or an IPv6 address in brackets (RFC 9110 §7.2, RFC 3986 §3.2.2). */
const hostPattern = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/** How often a header was sent. `rawHeaders` has all of them; `headers` has only the first Host. */
const countHeader = ({ rawHeaders }: FastifyRequest['raw'], name: string): number =>
  rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length

/** The problem with Host or Expect, if any. Node would refuse such a request with an empty body, or accept it (RFC 9112 §3.2, RFC 9110 §10.1.1). */
export function checkHostAndExpect({ headers, raw }: FastifyRequest): HttpProblem | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') return new HttpProblem('INVALID_REQUEST', 'The header Host is missing.', 400)
  if (countHeader(raw, 'host') > 1) return new HttpProblem('INVALID_REQUEST', 'The header Host was sent twice.', 400)
  if (!hostPattern.test(headers.host ?? '')) return new HttpProblem('INVALID_REQUEST', 'The header Host does not name a host.', 400)
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return new HttpProblem('INVALID_REQUEST', 'Of the header Expect, only 100-continue is supported.', 417)
}
