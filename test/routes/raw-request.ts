/** Sends requests that no well-behaved client sends: any path, any header bytes, any body, and bytes that are not HTTP. */
import { request } from 'node:http'
import { connect } from 'node:net'

export interface RawResponse {
  status: number
  headers: Record<string, string>
  text: string
  /** The body parsed as JSON; empty when it is not JSON. */
  body: Record<string, unknown>
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Sends one request over node:http, which normalizes nothing. It adds Host and Connection, and the length of a body. */
export function sendRaw(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string | string[]> = {},
  body?: string | Buffer,
): Promise<RawResponse> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text, body: parseJson(text) })
        })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Sends bytes on a new connection. @returns the response that arrived until the service closed the connection */
export function sendBytes(url: string, bytes: string | Buffer): Promise<RawResponse> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', reject)
      .on('close', () => {
        const [head = '', text = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
        const [statusLine = '', ...fields] = head.split('\r\n')
        resolve({
          status: Number(statusLine.split(' ')[1]),
          headers: Object.fromEntries(
            fields.map((field) => field.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value]),
          ),
          text,
          body: parseJson(text),
        })
      })
  })
}
