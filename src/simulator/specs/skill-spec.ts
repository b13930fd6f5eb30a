/** Which fields describe a skill on the control API, when it is added and when it is changed. */
import Type, { type Static } from 'typebox'
import { EntityState, Id, NonEmptyString, strictObject } from './schemas.ts'

/** How a skill is described when it is added. */
export const SkillSpec = strictObject({
  id: Type.Optional(Id),
  name: Type.Optional(NonEmptyString),
  state: Type.Optional(EntityState),
})

/** What can be changed about a skill. */
export const SkillChange = strictObject({ state: EntityState })

export type SkillSpec = Static<typeof SkillSpec>
export type SkillChange = Static<typeof SkillChange>
