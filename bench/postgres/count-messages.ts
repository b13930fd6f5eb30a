/** Counts the round trips and statements between a node and its database, from the data in a relay (PostgreSQL's protocol, version 3). */
import type { ConnectionObserver } from './tcp-relay.ts'

export interface Traffic {
  /** How often a node sent data after it had received data on the same connection: it may have waited for what it received. */
  roundTrips: number
  /** How often a node sent data; data sent at once counts once. */
  sends: number
  /** Statements that the database completed. */
  statements: number
  /** Explicit transactions that were committed. */
  commits: number
}

/** Creates a function that splits the data of a stream into messages, and reports the type and content of each. */
function createMessageReader(onMessage: (type: string, content: Buffer) => void): (data: Buffer) => void {
  const headerLength = 5
  let rest: Buffer = Buffer.alloc(0)
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    while (rest.length >= headerLength) {
      // The length field counts itself and the content, but not the byte of the type before it.
      const end = 1 + rest.readUInt32BE(1)
      if (rest.length < end) return
      onMessage(String.fromCharCode(rest[0] ?? 0), rest.subarray(headerLength, end))
      rest = rest.subarray(end)
    }
  }
}

/** Creates a counter for all connections that it observes. */
export function createTrafficCounter() {
  const traffic: Traffic = { roundTrips: 0, sends: 0, statements: 0, commits: 0 }
  return {
    read: (): Traffic => ({ ...traffic }),
    observe: (): ConnectionObserver => {
      let hasReceived = true
      const readMessages = createMessageReader((type, content) => {
        // C is CommandComplete, whose content is the tag of the statement.
        if (type !== 'C') return
        const [tag = ''] = content.toString('latin1').split('\0')
        traffic.statements++
        if (tag === 'COMMIT') traffic.commits++
      })
      return {
        onSent() {
          traffic.sends++
          if (hasReceived) traffic.roundTrips++
          hasReceived = false
        },
        onReceived(data) {
          hasReceived = true
          readMessages(data)
        },
      }
    },
  }
}

/** Creates traffic whose counts are computed one by one. */
export const mapTraffic = (compute: (name: keyof Traffic) => number): Traffic => ({
  roundTrips: compute('roundTrips'),
  sends: compute('sends'),
  statements: compute('statements'),
  commits: compute('commits'),
})
