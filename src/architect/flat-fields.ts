/** Names the flat fields in refusals, which name fields of the transfer request that a flat request stands for. */
import { Problem } from '../model/problems.ts'
import type { TargetType } from '../model/target-schema.ts'
import type { FlatField } from './flat-request-schema.ts'

/** The fields of a transfer request that a refusal may name, and the flat field that each is made from. */
const flatFields: Readonly<Record<string, FlatField>> = {
  'target.queueId': 'queueId',
  'target.overflowAfterSeconds': 'overflowAfterSeconds',
  'target.preferredUserIds[0]': 'preferredUserId',
}
/** The queue of a callback is its target. */
const callbackFields: typeof flatFields = { ...flatFields, 'target.queueId': 'targetId' }

/** A message with flat fields in the place of those that they stand for. @param type the type of the target, if it is known */
export const withFlatFields = (message: string, type?: TargetType): string =>
  Object.entries(type === 'callback' ? callbackFields : flatFields).reduce((text, [path, field]) => text.replaceAll(path, field), message)

/** The same refusal of a request, with flat fields in its message and as its field. */
export function toFlatRequestProblem({ code, message, extensions }: Problem, type: TargetType): Problem {
  const { field = '' } = extensions
  return new Problem(code, withFlatFields(message, type), { ...extensions, field: withFlatFields(field, type) })
}
