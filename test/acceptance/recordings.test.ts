/**
 * Every folder of `test/recordings/` is a test: the rules over conversations can read what was recorded, the report that follows from the
 * recording is the one beside it, and the simulator can be told to behave as recorded.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseRecording } from '../../src/acceptance/recording/recording.ts'
import { createReport, type Report } from '../../src/acceptance/report/report.ts'
import { observeCallback } from '../../src/conversations/callback.ts'
import { parseConversation } from '../../src/conversations/conversation.ts'
import { findCustomer } from '../../src/conversations/participants.ts'
import { observeProgress } from '../../src/conversations/progress.ts'
import { findReplaceableQueue } from '../../src/conversations/replaceable-queue.ts'
import { takeSnapshot } from '../../src/conversations/snapshot.ts'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import { parseBehavior } from '../../src/simulator/control/apply-behavior.ts'
import { findMismatches, unavailableReason } from '../simulator/views/documented-shapes.ts'
import { runOn, startPlatform } from './run-on-simulator.ts'

t.setTimeout(240_000)

const root = join(import.meta.dirname, '../recordings')
const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
t.ok(folders.length > 0, 'there are recordings')

/** The platform may have fields that the documents do not have, and what is redacted has no format any more. */
const isShapeMismatch = (mismatch: string): boolean => !/additional properties|match format|match pattern/.test(mismatch)

for (const { name } of folders) {
  const readFile = (file: string): string => readFileSync(join(root, name, file), 'utf8')
  const recording = parseRecording(readFile('recording.json'))
  const reads = recording.entries
    .filter((entry) => entry.kind === 'exchange')
    .filter(({ operation, status }) => operation === 'GET /conversations/{id}' && status === 200)
  const bodies = [...reads, ...recording.entries.filter((entry) => entry.kind === 'event')].map(({ body }) => body)

  t.test(`given the recording ${name}, when each of its conversations is judged, then no rule throws`, async (t) => {
    const { queueId } = recording.subjects
    const [first] = bodies.map(parseConversation)
    const holder = first && findCustomer(first.participants)
    if (first === undefined || holder === undefined) return t.fail('the recording has no call')
    const snapshot = takeSnapshot(first, holder, 0)
    const destinations = [{ type: 'queue', queueId }, { type: 'agent', userId: queueId }, { type: 'number' }] as const
    const judged = bodies
      .map(parseConversation)
      .flatMap((conversation) => [
        ...destinations.map((destination) => observeProgress(conversation, snapshot, destination).status),
        ...destinations.map((destination) => findReplaceableQueue(conversation, snapshot, destination)?.id ?? 'none'),
        observeCallback(conversation, snapshot, queueId).status,
        String(checkTransferable(conversation).isTransferable),
      ])
    t.ok(judged.every((judgment) => judgment.length > 0))
  })

  t.test(`given the recording ${name}, then its report says what follows from it`, async (t) => {
    t.strictSame(JSON.parse(JSON.stringify(createReport(recording))), JSON.parse(readFile('report.json')))
  })

  t.test(`given the recording ${name}, then it is redacted`, async (t) => {
    const text = readFile('recording.json')
    const ids = new Set(text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi))
    t.strictSame(
      [...ids].filter((id) => !id.startsWith('00000000-0000-4000-8000-')),
      [],
    )
    const numbers = new Set(text.match(/\+\d[\d ().-]{5,}\d/g))
    t.strictSame(
      [...numbers].filter((number) => !number.startsWith('+1555')),
      [],
    )
    t.notMatch(text, /bearer|access_token|client_secret|wss?:\/\//i)
  })

  t.test(
    `given the recording ${name}, then its conversations have the documented shape`,
    unavailableReason === false ? {} : { skip: unavailableReason },
    async (t) => {
      t.strictSame([...new Set(reads.flatMap(({ body }) => findMismatches('Conversation', body)))].filter(isShapeMismatch), [])
    },
  )

  t.test(`given a simulator that behaves as recorded in ${name}, when a run is made, then it is answered as recorded`, async (t) => {
    const report = JSON.parse(readFile('report.json')) as Report
    const platform = await startPlatform(t)
    // How long things take is measured anew, and depends on the machine.
    const { arrivalMs: _arrival, offerMs: _offer, ...behavior } = parseBehavior(readFile('report.json'))
    platform.control.behave(behavior)
    const { value } = await runOn(platform, { pace: { unmovedAfterMs: 500 } })
    for (const id of ['permissions', 'replace-in-flow', 'attribute-size']) {
      const recorded = report.answers.find((answer) => answer.id === id)
      if (recorded?.status === 'answered') t.strictSame(value(id), recorded.value, id)
    }
  })
}

t.test('given a recording that does not fit, then the error names the field', async (t) => {
  const file = join(root, String(folders[0]?.name), 'recording.json')
  t.ok(existsSync(file))
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  t.throws(() => parseRecording(JSON.stringify({ ...recording, pollIntervalMs: 'often' })), /pollIntervalMs/)
})
