/** What a recording of an acceptance run consists of: every exchange with the platform and every event, redacted, in order. */
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'

/** The steps of a run. Each entry says in which step it was made. */
export const steps = [
  'organization',
  'directory',
  'call',
  'listen',
  'attributes',
  'move',
  'pickup',
  'ringing_move',
  'late_command',
  'consult',
  'callback',
  'end',
] as const
export type Step = (typeof steps)[number]

const strict = { additionalProperties: false }
const Id = Type.String({ minLength: 1 })
const Ms = Type.Number({ minimum: 0 })
const StepName = Type.Unsafe<Step>({ enum: [...steps] })
const common = { step: StepName, /** Since the start of the run. */ atMs: Ms }

/** A request and its answer. */
const Exchange = Type.Object(
  {
    kind: Type.Literal('exchange'),
    ...common,
    tookMs: Ms,
    /** Such as `GET /conversations/{id}`. */
    operation: Type.String(),
    /** The path with its redacted ids. */
    path: Type.String(),
    sent: Type.Optional(Type.Unknown()),
    /** 0 if no answer came. */
    status: Type.Integer({ minimum: 0 }),
    code: Type.Optional(Type.String()),
    missingPermissions: Type.Optional(Type.Array(Type.String())),
    /** Why no answer came. */
    failure: Type.Optional(Type.String()),
    /** The answer, if it was a success. */
    body: Type.Optional(Type.Unknown()),
    /** When the last of several reads that answered the same came, in the place of all of them. */
    untilMs: Type.Optional(Ms),
  },
  strict,
)
/** An event of the notification service about the call. */
const EventEntry = Type.Object({ kind: Type.Literal('event'), ...common, topic: Type.String(), body: Type.Unknown() }, strict)
/** A check of the doctor. */
const Check = Type.Object(
  {
    kind: Type.Literal('check'),
    ...common,
    check: Type.String(),
    outcome: Type.Unsafe<'ok' | 'not ok' | 'warning'>({ enum: ['ok', 'not ok', 'warning'] }),
    message: Type.String(),
    missingPermissions: Type.Optional(Type.Array(Type.String())),
  },
  strict,
)
/** An attribute of this many characters was written, and read back with so many. */
const Attribute = Type.Object({ kind: Type.Literal('attribute'), ...common, size: Type.Integer(), kept: Type.Integer() }, strict)
/** A step was not made, or ended early, and why. */
const Skip = Type.Object({ kind: Type.Literal('skip'), ...common, why: Type.String() }, strict)

const Entry = Type.Union([Exchange, EventEntry, Check, Attribute, Skip])

const Outcome = Type.Unsafe<'complete' | 'read_only' | 'declined' | 'not_moved' | 'stopped'>({
  enum: ['complete', 'read_only', 'declined', 'not_moved', 'stopped'],
})

const RecordingSchema = Type.Object(
  {
    version: Type.Literal(1),
    startedAt: Type.String(),
    /** The redacted ids of what the run was about. */
    subjects: Type.Object({ conversationId: Id, queueId: Id, agentId: Type.Optional(Id), secondQueueId: Type.Optional(Id) }, strict),
    /** What the settings of this installation say. */
    settings: Type.Object({ requestsPerMinute: Type.Integer(), pickupTimeoutMs: Type.Integer() }, strict),
    pollIntervalMs: Ms,
    entries: Type.Array(Entry),
    end: Type.Object({ outcome: Outcome, reason: Type.Optional(Type.String()) }, strict),
  },
  strict,
)

export type Exchange = Static<typeof Exchange>
export type EventEntry = Static<typeof EventEntry>
export type Entry = Static<typeof Entry>
export type Outcome = Static<typeof Outcome>
export type Recording = Static<typeof RecordingSchema>

const validator = Compile(RecordingSchema)

/** Parses a recording. @throws Error that names the first field that does not fit */
export function parseRecording(text: string): Recording {
  const value: unknown = JSON.parse(text)
  if (validator.Check(value)) return value
  const [first] = validator.Errors(value)
  throw new Error(`the recording does not fit: ${first?.instancePath ?? ''} ${first?.message ?? ''}`)
}
