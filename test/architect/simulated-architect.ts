/** A simulated Architect: runs a data action's file as the platform does and takes one of the three paths (architect-and-peers §1.1–§1.5). */
import { readFileSync } from 'node:fs'
import { Agent, request as requestOf } from 'node:http'
import { Ajv } from 'ajv'
import type { DataAction } from '../../src/architect/data-actions.ts'
import { rendered, type Scope } from './velocity.ts'

export const shippedAction = (file: string): DataAction =>
  JSON.parse(readFileSync(new URL(`../../architect/${file}`, import.meta.url), 'utf8')) as DataAction

export type Outputs = Record<string, unknown>
export type Path = { path: 'success'; outputs: Outputs } | { path: 'failure'; errorCode: string } | { path: 'timeout' }
export interface Step {
  /** The flow's own timeout, ms; absent: the action's suggested one. */
  timeoutMs?: number
  headers?: Record<string, string>
}
export interface Flow {
  /** One data action step of a flow. @throws Error for inputs that the editor would not let through */
  call(action: DataAction, inputs: Record<string, unknown>, step?: Step): Promise<Path>
  close(): void
}

interface Answered {
  status: number
  text: string
}

/** Nested objects reach a flow flattened; names that the contract does not know do not reach it. */
function outputsOf(result: unknown, action: DataAction): Outputs {
  const flat: Outputs = {}
  const put = (name: string, value: unknown): void => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [inner, one] of Object.entries(value)) put(name ? `${name}.${inner}` : inner, one)
    else if (name.split('.')[0] !== undefined && (name.split('.')[0] as string) in action.contract.output.successSchema.properties)
      flat[name] = value
  }
  put('', result)
  return flat
}

/** The result by translation map and template. @throws where the answer or what the template makes of it is no JSON */
function translated(text: string, { config: { response }, contract }: DataAction): unknown {
  const body = JSON.parse(text) as Record<string, unknown>
  const values = Object.fromEntries(
    Object.entries(response.translationMap).map(([name, path]) => {
      const found = path === '$' ? body : body[path.replace(/^\$\./, '')]
      // A default stands for what the path does not find; null is found.
      return [name, found === undefined ? response.translationMapDefaults[name] : JSON.stringify(found)]
    }),
  )
  const made = response.successTemplate.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) =>
    name === 'rawResult' ? text : (values[name] ?? whole),
  )
  const result = JSON.parse(made) as unknown
  const { $schema: _, ...schema } = contract.output.successSchema
  const fits = new Ajv({ strict: false }).compile(schema)
  if (!fits(result)) throw new Error('the result does not fit the contract')
  return result
}

/**
 * @param credentials what the integration's credential holds
 * @param login the custom auth action, where the credential is of the type User Defined (OAuth)
 */
export function architect(credentials: Record<string, string>, login?: DataAction): Flow {
  const agent = new Agent({ keepAlive: true })
  let token: Readonly<Record<string, unknown>> | undefined

  /** Bodies go in chunks, as the platform sends them. */
  const sent = (action: DataAction, scope: Scope, headers: Record<string, string>, signal: AbortSignal): Promise<Answered> =>
    new Promise((answered, failed) => {
      const { requestType, requestUrlTemplate, requestTemplate } = action.config.request
      const filled = Object.entries(action.config.request.headers).map(([name, value]) => [name, rendered(value, scope)] as const)
      const asked = requestOf(
        rendered(requestUrlTemplate, scope),
        { method: requestType, agent, signal, headers: { ...Object.fromEntries(filled), ...headers } },
        (response) => {
          const parts: Buffer[] = []
          response
            .on('data', (part: Buffer) => parts.push(part))
            .on('error', failed)
            .on('end', () => answered({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }))
        },
      )
      asked.on('error', failed)
      if (requestType !== 'GET') asked.write(rendered(requestTemplate, scope))
      asked.end()
    })

  async function logIn(signal: AbortSignal): Promise<void> {
    if (!login) return
    const { status, text } = await sent(login, { credentials }, {}, signal)
    if (status !== 200) throw new Error(`login answered ${status}`)
    token = JSON.parse(text) as Record<string, unknown>
  }

  return {
    async call(action, inputs, { timeoutMs = (action.config.timeoutSeconds ?? 60) * 1000, headers = {} } = {}) {
      const { $schema: _, ...schema } = action.contract.input.inputSchema
      const check = new Ajv({ strict: false }).compile(schema)
      if (!check(inputs)) throw new Error(`inputs: ${JSON.stringify(check.errors)}`)
      const signal = AbortSignal.timeout(timeoutMs)
      const run = (): Promise<Answered> =>
        sent(
          action,
          { input: { ...inputs, rawRequest: inputs }, ...(login ? { authResponse: token ?? {} } : { credentials }) },
          headers,
          signal,
        )
      try {
        const cached = token !== undefined
        if (!cached) await logIn(signal)
        let answer = await run()
        if (login && cached && answer.status >= 400) {
          // A request that failed with a cached token is run again with a new one (§1.4).
          await logIn(signal)
          answer = await run()
        }
        if (answer.status < 200 || answer.status > 299) return { path: 'failure', errorCode: 'ACTION.REMOTE_ENDPOINT' }
        return { path: 'success', outputs: outputsOf(translated(answer.text, action), action) }
      } catch {
        return signal.aborted ? { path: 'timeout' } : { path: 'failure', errorCode: 'ACTION.PROCESSING' }
      }
    },
    close: () => agent.destroy(),
  }
}
