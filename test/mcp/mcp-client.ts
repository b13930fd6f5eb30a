/** The official MCP client, connected to a service under test. */
import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client'
import type { TestContext } from '../support/build.ts'
import { operationsKey } from '../support/settings.ts'

/** The result of a tool: its text, its fields, and whether it is an error. */
export interface ToolResult {
  text: string
  fields: Record<string, unknown>
  isError: boolean
}

export interface McpClient {
  client: Client
  /** Calls a tool. @throws what the client throws for an error of the protocol or of HTTP */
  call(tool: string, values: object): Promise<ToolResult>
}

/** Versions of the protocol: the current one, and the last one before requests were stateless. */
export const protocols = { current: { mode: { pin: '2026-07-28' } }, earlier: { mode: 'legacy' } } as const

/** Connects a client, and closes it after the test. */
export async function connectMcpClient(
  t: TestContext,
  url: string,
  { key = operationsKey, protocol = protocols.current }: { key?: string; protocol?: ClientOptions['versionNegotiation'] } = {},
): Promise<McpClient> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { ...(protocol && { versionNegotiation: protocol }) })
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  })
  await client.connect(transport)
  t.teardown(() => client.close())
  return {
    client,
    async call(tool, values) {
      const { content, structuredContent, isError = false } = await client.callTool({ name: tool, arguments: { ...values } })
      const [block] = content
      return {
        text: block?.type === 'text' ? block.text : '',
        fields: (structuredContent ?? {}) as Record<string, unknown>,
        isError,
      }
    },
  }
}
