/** Holds back transfer commands for as long as a test needs. */
import type { TestContext } from './build.ts'
import type { Service } from './service.ts'

export interface HeldCommands {
  /** How many commands have been held so far. */
  heldCount: number
  /** Sends the held commands, and stops holding new ones. */
  release(): void
}

/**
 * Holds every command that moves a call into a queue before it is sent, so that a test can act while the transfer is running.
 * The client is restored after the test.
 * @param skip how many commands are let through first
 */
export function holdQueueCommands(t: TestContext, { app }: Pick<Service, 'app'>, skip = 0): HeldCommands {
  let skipped = 0
  const { client } = app.genesys
  const { replaceWithQueue } = client
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const held: HeldCommands = { heldCount: 0, release }
  client.replaceWithQueue = async (...parameters) => {
    if (skipped++ < skip) return replaceWithQueue(...parameters)
    held.heldCount++
    await released
    return replaceWithQueue(...parameters)
  }
  t.teardown(() => {
    client.replaceWithQueue = replaceWithQueue
    release()
  })
  return held
}
