/** A plain line to the platform for the doctor: whole answers with their headers, which the client keeps to itself. */
import { readErrorBody, parsedObject, rateLimitOf, type RateLimit } from '../genesys/http/error-body.ts'
import { createTransport, type Answer, type Exchange } from '../genesys/http/exchange.ts'
import { clientCredentials } from '../genesys/auth/login.ts'
import { endpoints } from '../genesys/auth/regions.ts'

export interface PlatformSettings {
  clientId: string
  clientSecret: string
  environment: string
  gatewayUrl: string | undefined
}

export interface Seen {
  status: number
  body: Record<string, unknown>
  /** The platform's own error code, and the permissions that its refusal names. */
  code: string | undefined
  missing: string[]
  /** Where nothing came: why, in a word of the transport. */
  broke: string | undefined
}

export interface PlatformLine {
  /** Rejects with GenesysError. */
  login(): Promise<void>
  /** Ms by which the platform's clock is ahead of ours, by the Date of its last answer; undefined before one came. */
  ahead(): number | undefined
  allowance(): RateLimit | undefined
  ask(method: Exchange['method'], path: string, body?: unknown): Promise<Seen>
  close(): Promise<void>
}

const WITHIN_MS = 8_000

/** Throws a plain Error that names the setting when the region or the gateway is not acceptable. */
export function openLine({ clientId, clientSecret, environment, gatewayUrl }: PlatformSettings): PlatformLine {
  const { login: url, api } = endpoints(environment, gatewayUrl)
  const wire = createTransport()
  let last: { headers: Answer['headers']; between: number } | undefined
  let allowance: RateLimit | undefined
  let token = ''
  const heard = {
    ...wire,
    async send(exchange: Exchange): Promise<Answer> {
      const began = Date.now()
      const answer = await wire.send(exchange)
      if (answer.status !== undefined) last = { headers: answer.headers, between: (began + Date.now()) / 2 }
      allowance = rateLimitOf(answer.headers) ?? allowance
      return answer
    },
  }
  const grant = clientCredentials({ url, clientId, clientSecret, wire: heard })
  return {
    async login() {
      token = (await grant()).token
    },
    ahead() {
      const at = Date.parse(String(last?.headers['date']))
      // A Date is cut to whole seconds.
      return last === undefined || Number.isNaN(at) ? undefined : at + 500 - last.between
    },
    allowance: () => allowance,
    async ask(method, path, body) {
      const answer = await heard.send({
        url: new URL(`${api}/api/v2${path}`),
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        withinMs: WITHIN_MS,
      })
      const { platformCode, missingPermissions = [] } = readErrorBody(answer.body, [clientSecret, token])
      const { status = 0, broke } = answer
      return {
        status,
        body: parsedObject(answer.body) ?? {},
        code: platformCode,
        missing: missingPermissions,
        broke: broke && (broke.code ?? broke.kind),
      }
    },
    close: () => wire.close(),
  }
}
