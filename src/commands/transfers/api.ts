/** How `npm run transfers` asks a running Handoff: over HTTP, with an API key that never appears among the arguments. */
import { isUuid } from '../../model/formats/patterns.ts'

/** How long one answer may take, ms. */
const timeoutMs = 15_000

export interface Api {
  /** @returns the parsed body. @throws Error with the service's own words for a refusal */
  request(method: string, path: string, body?: object): Promise<unknown>
  /** Opens the stream of changes. @param lastEventId continues after this event */
  stream(lastEventId: string | undefined, signal: AbortSignal): Promise<AsyncIterable<string>>
}

/** The address and the key, from HANDOFF_URL and HANDOFF_API_KEY, or from the settings of a service on this machine. @throws Error if there is no key, or the address is none */
export function readConnection(environment: NodeJS.ProcessEnv): { url: string; key: string } {
  const [seedKey] = (environment['API_KEYS'] ?? '').split(/[:,]/)
  const key = environment['HANDOFF_API_KEY'] || seedKey
  if (!key) throw new Error('set HANDOFF_API_KEY to an API key (npm run keys -- create --scope transfers:read)')
  const url = environment['HANDOFF_URL'] || `http://127.0.0.1:${environment['PORT'] || '3000'}`
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Error(`HANDOFF_URL must be an address such as https://handoff.example.com, not ${url}`)
  return { url: url.replace(/\/+$/, ''), key }
}

/** @throws Error with `message` unless the text is the id of a transfer */
export function requireId(id: string | undefined, message = 'the id of a transfer is needed (a UUID)'): string {
  if (id === undefined || !isUuid(id)) throw new Error(message)
  return id
}

export function createApi({ url, key }: { url: string; key: string }): Api {
  const authorization = `Bearer ${key}`

  async function send(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(url + path, init).catch((error: unknown) => {
      const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string }
      throw new Error(`${url} does not answer (${cause?.code ?? cause?.message ?? message})`)
    })
    if (response.ok) return response
    const { code, detail } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
    throw new Error(code ? `${code}: ${detail}` : `${url} answers with status ${response.status}`)
  }

  return {
    async request(method, path, body) {
      const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
      const response = await send(path, {
        method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body && { body: JSON.stringify(body) }),
      })
      return response.json()
    },
    async stream(lastEventId, signal) {
      const headers = { authorization, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) }
      const response = await send('/v1/transfers/stream?expand=names', { headers, signal })
      if (!response.body) throw new Error('the stream has no body')
      return response.body.pipeThrough(new TextDecoderStream())
    },
  }
}
