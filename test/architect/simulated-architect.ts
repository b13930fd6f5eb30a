/** A simulated Architect: runs the file of a data action as the platform does, and takes one of its three paths (docs/genesys-cloud.md rules 80–88). */
import { readFileSync } from 'node:fs'
import { Agent, request as sendRequest } from 'node:http'
import { Ajv } from 'ajv'
import type { DataAction } from '../../src/architect/data-actions.ts'
import { renderTemplate, type Scope } from './velocity.ts'

/** Reads a data action from the folder architect/. */
export const readShippedAction = (file: string): DataAction =>
  JSON.parse(readFileSync(new URL(`../../architect/${file}`, import.meta.url), 'utf8')) as DataAction

export type Outputs = Record<string, unknown>
export type Path = { path: 'success'; outputs: Outputs } | { path: 'failure'; errorCode: string } | { path: 'timeout' }
export interface StepOptions {
  /** The flow's own timeout, ms; absent: the action's suggested one. */
  timeoutMs?: number
  headers?: Record<string, string>
}
export interface SimulatedArchitect {
  /** Runs one data action step of a flow. @throws Error for inputs that the editor would not accept */
  runAction(action: DataAction, inputs: Record<string, unknown>, step?: StepOptions): Promise<Path>
  close(): void
}

interface HttpResponse {
  status: number
  text: string
}

/** The outputs as a flow sees them: nested objects are flattened, and fields that are not in the contract are dropped. */
function flattenOutputs(result: unknown, action: DataAction): Outputs {
  const flat: Outputs = {}
  const add = (name: string, value: unknown): void => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [innerName, innerValue] of Object.entries(value)) add(name ? `${name}.${innerName}` : innerName, innerValue)
    else if (name.split('.')[0] !== undefined && (name.split('.')[0] as string) in action.contract.output.successSchema.properties)
      flat[name] = value
  }
  add('', result)
  return flat
}

/** Applies the translation map and the success template. @throws Error when the response or the result is not JSON, or violates the contract */
function translateResult(text: string, { config: { response }, contract }: DataAction): unknown {
  const body = JSON.parse(text) as Record<string, unknown>
  const values = Object.fromEntries(
    Object.entries(response.translationMap).map(([name, path]) => {
      const found = path === '$' ? body : body[path.replace(/^\$\./, '')]
      // The default is used only for a path that finds nothing: null counts as found.
      return [name, found === undefined ? response.translationMapDefaults[name] : JSON.stringify(found)]
    }),
  )
  const json = response.successTemplate.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) =>
    name === 'rawResult' ? text : (values[name] ?? whole),
  )
  const result = JSON.parse(json) as unknown
  const { $schema: _, ...schema } = contract.output.successSchema
  const isValid = new Ajv({ strict: false }).compile(schema)
  if (!isValid(result)) throw new Error('the result violates the contract')
  return result
}

/**
 * Creates a flow's connection to the service.
 * @param credentials the fields of the integration's credential
 * @param login the custom auth action, when the credential is of the type User Defined (OAuth)
 */
export function createArchitect(credentials: Record<string, string>, login?: DataAction): SimulatedArchitect {
  const agent = new Agent({ keepAlive: true })
  let token: Readonly<Record<string, unknown>> | undefined

  /** Sends the body in chunks, as the platform does. */
  const send = (action: DataAction, scope: Scope, headers: Record<string, string>, signal: AbortSignal): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const { requestType, requestUrlTemplate, requestTemplate } = action.config.request
      const actionHeaders = Object.entries(action.config.request.headers).map(
        ([name, value]) => [name, renderTemplate(value, scope)] as const,
      )
      const outgoing = sendRequest(
        renderTemplate(requestUrlTemplate, scope),
        { method: requestType, agent, signal, headers: { ...Object.fromEntries(actionHeaders), ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('error', reject)
            .on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
        },
      )
      outgoing.on('error', reject)
      if (requestType !== 'GET') outgoing.write(renderTemplate(requestTemplate, scope))
      outgoing.end()
    })

  async function logIn(signal: AbortSignal): Promise<void> {
    if (!login) return
    const { status, text } = await send(login, { credentials }, {}, signal)
    if (status !== 200) throw new Error(`login answered ${status}`)
    token = JSON.parse(text) as Record<string, unknown>
  }

  return {
    async runAction(action, inputs, { timeoutMs = (action.config.timeoutSeconds ?? 60) * 1000, headers = {} } = {}) {
      const { $schema: _, ...schema } = action.contract.input.inputSchema
      const isValid = new Ajv({ strict: false }).compile(schema)
      if (!isValid(inputs)) throw new Error(`inputs: ${JSON.stringify(isValid.errors)}`)
      const signal = AbortSignal.timeout(timeoutMs)
      const run = (): Promise<HttpResponse> =>
        send(
          action,
          { input: { ...inputs, rawRequest: inputs }, ...(login ? { authResponse: token ?? {} } : { credentials }) },
          headers,
          signal,
        )
      try {
        const hasCachedToken = token !== undefined
        if (!hasCachedToken) await logIn(signal)
        let response = await run()
        if (login && hasCachedToken && response.status >= 400) {
          // A request that failed with a cached token is repeated with a new one (docs/genesys-cloud.md rule 88).
          await logIn(signal)
          response = await run()
        }
        if (response.status < 200 || response.status > 299) return { path: 'failure', errorCode: 'ACTION.REMOTE_ENDPOINT' }
        return { path: 'success', outputs: flattenOutputs(translateResult(response.text, action), action) }
      } catch {
        return signal.aborted ? { path: 'timeout' } : { path: 'failure', errorCode: 'ACTION.PROCESSING' }
      }
    },
    close: () => agent.destroy(),
  }
}
