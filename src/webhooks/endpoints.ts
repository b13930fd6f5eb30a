/** The CRM's endpoints: where they are, with what each is signed, and what each wants to hear. */
import { createHash } from 'node:crypto'
import { parseSecrets } from './signature.ts'

export interface Endpoint {
  /** Follows from the URL, so that it stays the same when others come or go; the URL itself may hold a secret and is shown nowhere. */
  id: string
  url: string
  /** Where it is, without path and query. */
  origin: string
  /** The newest first. */
  secrets: Buffer[]
  /** Event types, or `*`. */
  events: readonly string[]
}

const groups = (text: string): string[] => text.split(';').map((group) => group.trim())

/** One group for each endpoint, or one for all of them. @throws Error that says what does not fit, without the secrets */
function perEndpoint(text: string, many: number, what: string): string[] {
  const given = groups(text)
  if (given.length !== 1 && given.length !== many)
    throw new Error(`has ${given.length} groups of ${what}, separated by semicolons, for ${many} addresses`)
  return given.length === 1 ? Array.from({ length: many }, () => String(given[0])) : given
}

/** Signing keys for each of `many` endpoints. @throws Error that names no secret */
export function secretsOf(text: string, many: number): Buffer[][] {
  // Two secrets for two addresses may be meant as one each, or as both for both: whoever guesses wrong sends what no receiver accepts.
  if (many > 1 && groups(text).length === 1 && text.includes(','))
    throw new Error(`has several secrets for ${many} addresses: separate those of each address from the next one's by a semicolon`)
  return perEndpoint(text, many, 'secrets').map(parseSecrets)
}

/** Event filters for each of `many` endpoints. @throws Error that lists what there is */
export function eventsOf(text: string, many: number, known: readonly string[]): string[][] {
  return perEndpoint(text, many, 'events').map((group) => {
    const events = group
      .split(',')
      .map((event) => event.trim())
      .filter(Boolean)
    const unknown = events.find((event) => event !== '*' && !known.includes(event))
    if (unknown !== undefined) throw new Error(`"${unknown}" is no event: there are ${known.join(', ')}, or * for all`)
    return events.length === 0 ? ['*'] : events
  })
}

export const endpointsOf = (urls: readonly string[], secrets: Buffer[][], events: string[][]): Endpoint[] =>
  urls.map((url, index) => ({
    id: `ep_${createHash('sha256').update(url).digest('hex').slice(0, 12)}`,
    url,
    origin: new URL(url).origin,
    secrets: secrets[index] ?? [],
    events: events[index] ?? ['*'],
  }))

/** Whether an endpoint is told of events of this type. */
export const wants = ({ events }: Endpoint, type: string): boolean => events.includes('*') || events.includes(type)
