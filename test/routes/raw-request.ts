/** Requests that no well-behaved client makes: any path, any header bytes, any body; and HTTP that is none. */
import { request } from 'node:http'
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  text: string
  /** The body as JSON, where it is some. */
  body: Record<string, unknown>
}

const parsed = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** One request over node:http, nothing normalised and nothing added but Host. */
export function raw(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string | string[]> = {},
  body?: string | Buffer,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((answered, failed) => {
    const asked = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', failed)
        .on('end', () => {
          const text = Buffer.concat(chunks).toString()
          answered({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text, body: parsed(text) })
        })
    })
    asked.on('error', failed)
    asked.end(body)
  })
}

/** Bytes on a bare connection, and what came back until the other side closed it. */
export function bytes(url: string, sent: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((answered, failed) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(sent))
    socket
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', failed)
      .on('close', () => {
        const [head = '', text = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
        const [line = '', ...fields] = head.split('\r\n')
        answered({
          status: Number(line.split(' ')[1]),
          headers: Object.fromEntries(
            fields.map((field) => field.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value]),
          ),
          text,
          body: parsed(text),
        })
      })
  })
}
