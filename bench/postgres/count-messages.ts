/** Counts what a node and its database say to each other, from the data that passes through a relay (PostgreSQL's protocol, version 3). */
import type { ConnectionObserver } from './tcp-relay.ts'

export interface Traffic {
  /** How often a node sent something after it had received something on the same connection: it may have waited for that. */
  roundTrips: number
  /** Pieces of data that came from a node: what it sent at once is one. */
  sends: number
  /** Statements that the database completed. */
  statements: number
  /** Explicit transactions. */
  commits: number
  /** Those of them that were committed without waiting for the disk. */
  asyncCommits: number
}

/** Reads the type and the content of each message of a stream. */
function createMessageReader(onMessage: (type: string, content: Buffer) => void): (data: Buffer) => void {
  const headerLength = 5
  let rest: Buffer = Buffer.alloc(0)
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    while (rest.length >= headerLength) {
      // The length counts itself and the content, and not the byte of the type before it.
      const end = 1 + rest.readUInt32BE(1)
      if (rest.length < end) return
      onMessage(String.fromCharCode(rest[0] ?? 0), rest.subarray(headerLength, end))
      rest = rest.subarray(end)
    }
  }
}

/** Counts on all connections that it observes. */
export function createTrafficCounter() {
  const traffic: Traffic = { roundTrips: 0, sends: 0, statements: 0, commits: 0, asyncCommits: 0 }
  return {
    read: (): Traffic => ({ ...traffic }),
    observe: (): ConnectionObserver => {
      let hasReceived = true
      let isAsync = false
      const readMessages = createMessageReader((type, content) => {
        // CommandComplete, with the statement's tag.
        if (type !== 'C') return
        const [tag = ''] = content.toString('latin1').split('\0')
        traffic.statements++
        if (tag === 'SET') isAsync = true
        if (tag === 'COMMIT') {
          traffic.commits++
          if (isAsync) traffic.asyncCommits++
        }
        if (tag === 'COMMIT' || tag === 'ROLLBACK') isAsync = false
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

/** Computes a value for each thing that is counted. */
export const mapTraffic = (compute: (name: keyof Traffic) => number): Traffic => ({
  roundTrips: compute('roundTrips'),
  sends: compute('sends'),
  statements: compute('statements'),
  commits: compute('commits'),
  asyncCommits: compute('asyncCommits'),
})
