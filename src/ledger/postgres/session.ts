/** Runs steps through on a PostgreSQL connection, waiting for each answer: statements prepared by name and kept. */
import type { PoolClient } from 'pg'
import { numbered, type Numbered } from '../parameters.ts'
import type { Answered, Query, Row, QueryGenerator, Value } from '../steps.ts'
import { unavailable } from './connections.ts'

interface Prepared extends Numbered {
  name: string
}
const kept = new Map<string, Prepared>()

function prepared(sql: string): Prepared {
  const known = kept.get(sql)
  if (known) return known
  const fresh = { name: `handoff_${kept.size}`, ...numbered(sql, '$') }
  kept.set(sql, fresh)
  return fresh
}

export interface Session {
  /** @throws StoreUnavailable */
  ask(query: Query): Promise<Answered>
  /** A bare command. @throws StoreUnavailable */
  say(command: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): Promise<void>
  run<T>(steps: QueryGenerator<T>): Promise<T>
}

export function sessionOn(client: PoolClient): Session {
  const session: Session = {
    async ask({ sql, values }) {
      const { name, text, parameters } = prepared(sql)
      try {
        const { rows, rowCount } = await client.query<Row>({
          name,
          text,
          values: parameters.map((parameter): Value => values[parameter] ?? null),
        })
        return { rows, changed: rowCount ?? 0 }
      } catch (error) {
        throw unavailable(error)
      }
    },
    async say(command) {
      const { command: done } = await client.query(command).catch((error: unknown) => {
        throw unavailable(error)
      })
      // A transaction that failed answers a COMMIT with ROLLBACK, and no error.
      if (done !== command) throw unavailable(new Error(`${command} was answered with ${done}`))
    },
    async run(steps) {
      let next = steps.next()
      while (!next.done) next = steps.next(await session.ask(next.value))
      return next.value
    },
  }
  return session
}
