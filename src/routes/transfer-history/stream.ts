/** /v1/transfers/stream: the changes of transfers as server-sent events. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../../model/json-schema.ts'
import type { ApiKey } from '../../ledger/contract/api-keys.ts'
import { StoreUnavailable } from '../../ledger/contract/errors.ts'
import { Problem } from '../../model/problems.ts'
import type { ChangeEvent } from '../../transfers/history/change-events.ts'
import { createChangeFeed } from '../../transfers/history/change-feed.ts'
import type { Transfer } from '../../model/transfer.ts'
import { requireCaller } from '../caller.ts'
import { parseList } from '../schemas/query.ts'
import { expandParameter, listNamedIds } from './expand-names.ts'
import { formatChanges } from './event-text.ts'
import { openStreamReader, type StreamReader, type StreamReaderOptions } from './stream-reader.ts'

export interface TransferStreamOptions {
  /** How many streams this node serves at once. */
  maxStreams: number
  /** How often each stream gets a comment, and its key is checked again, ms. */
  heartbeatMs: number
  /** How many bytes may wait for one client; beyond it, its stream is ended. */
  maxUnreadStreamBytes: number
}

/** How long clients have to read the rest of their streams when the service stops, ms. */
const stopMs = 2_000

/** @throws Problem INVALID_REQUEST for an id that no event has */
function parseEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (/^\d{1,15}$/.test(String(header))) return Number(header)
  throw new Problem('INVALID_REQUEST', 'The header Last-Event-ID must be the id of an event of this stream.', {
    field: 'header Last-Event-ID',
  })
}

/** Returns the bytes of a batch for a key, made once for all keys with the same rights. */
function createBatchFormatter(): StreamReaderOptions['formatBatch'] {
  const byEvents = new WeakMap<readonly ChangeEvent[], Map<string, Buffer | undefined>>()
  return ({ events, cursor }, view) => {
    const { reader, namesOf } = view
    const known = byEvents.get(events) ?? new Map<string, Buffer | undefined>()
    byEvents.set(events, known)
    const rights = JSON.stringify([cursor, reader.queues && [reader.id, reader.queues], namesOf !== undefined])
    if (!known.has(rights)) known.set(rights, formatChanges(events, cursor, view))
    return known.get(rights)
  }
}

export const transferStreamRoutes: FastifyPluginAsyncTypebox<TransferStreamOptions> = async (
  app,
  { maxStreams, heartbeatMs, maxUnreadStreamBytes },
) => {
  const readers = new Map<StreamReader, () => Promise<ApiKey | undefined>>()
  let opening = 0
  let isClosing = false
  // The ledger plugin logs an outage once.
  const logError = (error: unknown): void => {
    if (!(error instanceof StoreUnavailable)) app.log.error({ err: error }, 'the changes of transfers could not be read')
  }
  const feed = createChangeFeed({ store: app.ledger, onError: logError })
  const formatBatch = createBatchFormatter()
  const namesOf = (transfer: Transfer) => app.genesys.names.known(listNamedIds(transfer))

  /** Ends the stream of a key that was revoked or has expired; otherwise the key's rights are those of now. */
  async function checkKey(reader: StreamReader, findCaller: () => Promise<ApiKey | undefined>): Promise<void> {
    const caller = await findCaller()
    if (caller?.scopes.includes('transfers:read')) reader.caller = caller
    else reader.end('unauthorized')
  }
  const timer = setInterval(() => {
    for (const [reader, findCaller] of readers) {
      reader.beat()
      void checkKey(reader, findCaller).catch(logError)
    }
  }, heartbeatMs).unref()
  app.addHook('preClose', (done) => {
    isClosing = true
    clearInterval(timer)
    for (const reader of readers.keys()) reader.end('stopping')
    // A client that does not read would keep the service from stopping until its connection has timed out.
    setTimeout(() => {
      for (const { stream } of readers.keys()) stream.destroy()
    }, stopMs).unref()
    feed.close()
    done()
  })

  app.get(
    '/stream',
    {
      config: { scopes: ['transfers:read'], refusals: ['OVERLOADED'], isEventStream: true },
      preValidation: parseList('expand'),
      schema: {
        operationId: 'streamTransfers',
        tags: ['transfers'],
        summary: 'Follow the changes of transfers',
        description:
          'Server-sent events. `transfer`: a transfer has changed; data has `changes` and the `transfer` as it is now. `open`: the first event. `skipped`: changes were left out, read the list again. `end`: the last event, with the `reason` stopping, slow, unauthorized or failed. A comment follows every 15 s. With Last-Event-ID the stream continues after that event; an event may come twice. To show what is under way: open the stream, then read the list.',
        querystring: Type.Object(expandParameter, { additionalProperties: false }),
        headers: Type.Object({
          'Last-Event-ID': Type.Optional(Type.String({ description: 'The id of the last event that was received' })),
        }),
        response: { 200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } } },
      },
    },
    async (request, reply) => {
      const caller = requireCaller(request)
      void reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
      if (request.method === 'HEAD') return reply.send('')
      const after = parseEventId(request.headers['last-event-id'])
      if (readers.size + opening >= maxStreams) throw new Problem('OVERLOADED', 'Too many streams are open.')
      opening += 1
      const reader = await openStreamReader({
        feed,
        caller,
        after,
        maxUnreadBytes: maxUnreadStreamBytes,
        formatBatch,
        namesOf: request.query.expand?.includes('names') ? namesOf : undefined,
        onError: logError,
      }).finally(() => (opening -= 1))
      readers.set(reader, () => app.auth.findCaller(request))
      reader.stream.once('close', () => readers.delete(reader))
      if (isClosing) reader.end('stopping')
      return reply.send(reader.stream as never)
    },
  )
}
