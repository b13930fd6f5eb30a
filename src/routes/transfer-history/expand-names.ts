/** `expand=names`: the names of the queues, skills and agents whose ids a transfer contains. */
import type { FastifyInstance } from 'fastify'
import { Type } from '../../model/json-schema.ts'
import type { Transfer } from '../../model/transfer.ts'
import type { NamedId, NamesById } from '../../genesys/names.ts'
import { commaSeparated } from '../schemas/query.ts'

/** How long an answer waits for names that are not known yet, ms. */
const waitMs = 400

/** The query parameter. */
export const expandParameter = {
  expand: Type.Optional(
    Type.Array(Type.Enum(['names'], { type: 'string' }), {
      ...commaSeparated,
      description: 'names: also answer the names of queues, skills and agents, as far as they are known',
    }),
  ),
}
/** The field of the answer. */
export const namesField = {
  names: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'With expand=names: the names of queues, skills and agents by their ids. A name that is not known yet is left out',
    }),
  ),
}

/** The fields of a target that are ids. */
interface TargetIds {
  queueId?: string | null | undefined
  userId?: string | null | undefined
  skillIds?: readonly string[] | null | undefined
  skillId?: string | null | undefined
  preferredUserIds?: readonly string[] | null | undefined
}

const listTargetIds = ({ queueId, userId, skillId, skillIds, preferredUserIds }: TargetIds): NamedId[] => [
  ...(queueId ? [{ kind: 'queue', id: queueId } as const] : []),
  ...[...(skillId ? [skillId] : []), ...(skillIds ?? [])].map((id) => ({ kind: 'skill', id }) as const),
  ...[...(userId ? [userId] : []), ...(preferredUserIds ?? [])].map((id) => ({ kind: 'user', id }) as const),
]

/** Everything in targets that has a name on the platform. */
export const listIdsOfTargets = (targets: ReadonlyArray<object | null>): NamedId[] =>
  targets.flatMap((target) => (target ? listTargetIds(target as TargetIds) : []))

/** Everything in a transfer that has a name on the platform. */
export const listNamedIds = ({ target, resolvedTarget, hops, agentUserId }: Transfer): NamedId[] => [
  ...listIdsOfTargets([target, resolvedTarget, ...hops.map((hop) => hop.resolvedTarget)]),
  ...(agentUserId ? [{ kind: 'user', id: agentUserId } as const] : []),
]

/** @returns the field `names` with the names of these ids if it was asked for, otherwise nothing. It never throws */
export async function findNames(
  { genesys }: FastifyInstance,
  ids: readonly NamedId[],
  expand: readonly string[] | undefined,
): Promise<{ names?: NamesById }> {
  if (!expand?.includes('names')) return {}
  return { names: await genesys.names.find([...ids], waitMs) }
}

/** The same for everything in transfers that has a name. */
export const expandNames = (
  app: FastifyInstance,
  transfers: readonly Transfer[],
  expand: readonly string[] | undefined,
): Promise<{ names?: NamesById }> => findNames(app, transfers.flatMap(listNamedIds), expand)
