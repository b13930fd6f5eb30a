/** Finds out how long a participant attribute may be: longer and longer values are written to the caller's participant, and read back. */
import type { Participant } from '../../conversations/conversation.ts'
import { findCustomer } from '../../conversations/participants.ts'
import { probeAttribute } from '../recording/probe-attribute.ts'
import type { CallWatch } from './call-watch.ts'
import type { RunContext } from './run-context.ts'

/** Lengths in characters. Handoff itself writes at most 250. */
const sizes = [250, 1_000, 4_000, 16_000, 64_000] as const

/** @throws RunStopped when the platform fails */
export async function probeAttributes({ recorder, options, pace }: RunContext, watch: CallWatch): Promise<void> {
  recorder.step = 'attributes'
  const findCaller = async (): Promise<Participant | undefined> => findCustomer((await watch.read()).participants)
  const caller = await findCaller()
  if (caller === undefined) return recorder.add({ kind: 'skip', why: 'the call has no caller' })
  const path = `/conversations/${options.conversationId}/participants/${caller.id}/attributes`
  const write = (value: string) => recorder.command('PATCH', path, { attributes: { [probeAttribute]: value } }, { canFail: true })

  const readLength = async (size: number): Promise<number> => {
    for (const endMs = recorder.now() + pace.shownWithinMs; ;) {
      const length = (await findCaller())?.attributes[probeAttribute]?.length ?? 0
      if (length === size || recorder.now() >= endMs) return length
      await recorder.pause(pace.pollIntervalMs)
    }
  }
  for (const size of sizes) {
    const { status } = await write('x'.repeat(size))
    const kept = status < 300 ? await readLength(size) : 0
    recorder.add({ kind: 'attribute', size, kept })
    if (kept !== size) break
  }
  await write('')
}
