/** The CRM's endpoints: their URLs, the signing secrets of each, and the events that each receives. */
import { createHash } from 'node:crypto'
import { parseSecrets } from './signature.ts'

export interface Endpoint {
  /**
   * Derived from the URL alone, so that it stays the same when other endpoints are added or removed. The URL itself may contain a secret
   * and is never shown.
   */
  id: string
  url: string
  /** The URL without path and query; may be shown. */
  origin: string
  /** The newest first. */
  secrets: Buffer[]
  /** Event types, or `*`. */
  events: readonly string[]
}

const splitGroups = (text: string): string[] => text.split(';').map((group) => group.trim())

/** Splits a setting into one group for each endpoint; a single group applies to all. @throws Error that contains no secret */
function splitByEndpoint(text: string, endpointCount: number, subject: string): string[] {
  const groups = splitGroups(text)
  const [first = ''] = groups
  if (groups.length === endpointCount) return groups
  if (groups.length === 1) return Array.from({ length: endpointCount }, () => first)
  throw new Error(`has ${groups.length} groups of ${subject}, separated by semicolons, for ${endpointCount} addresses`)
}

/** Parses the signing secrets of each endpoint, in the order of the addresses. @throws Error that contains no secret */
export function parseEndpointSecrets(text: string, endpointCount: number): Buffer[][] {
  // Two secrets for two addresses could mean one for each, or both for both. After a wrong guess, a receiver would reject every signature.
  if (endpointCount > 1 && splitGroups(text).length === 1 && text.includes(','))
    throw new Error(`has several secrets for ${endpointCount} addresses: separate those of each address from the next one's by a semicolon`)
  return splitByEndpoint(text, endpointCount, 'secrets').map(parseSecrets)
}

/** Parses the event filter of each endpoint; an empty one means all events. @throws Error that lists the known events */
export function parseEndpointEvents(text: string, endpointCount: number, knownEvents: readonly string[]): string[][] {
  return splitByEndpoint(text, endpointCount, 'events').map((group) => {
    const events = group
      .split(',')
      .map((event) => event.trim())
      .filter(Boolean)
    const unknown = events.find((event) => event !== '*' && !knownEvents.includes(event))
    if (unknown !== undefined) throw new Error(`"${unknown}" is not an event: use ${knownEvents.join(', ')}, or * for all`)
    return events.length === 0 ? ['*'] : events
  })
}

/** The endpoints at these URLs; `secrets` and `events` are in the same order. */
export const createEndpoints = (urls: readonly string[], secrets: Buffer[][], events: string[][]): Endpoint[] =>
  urls.map((url, index) => ({
    id: `ep_${createHash('sha256').update(url).digest('hex').slice(0, 12)}`,
    url,
    origin: new URL(url).origin,
    secrets: secrets[index] ?? [],
    events: events[index] ?? ['*'],
  }))

/** Whether an endpoint receives events of this type. */
export const wantsEvent = ({ events }: Endpoint, type: string): boolean => events.includes('*') || events.includes(type)
