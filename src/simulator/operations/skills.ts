/** How skills are read over HTTP. */
import { createSkillView } from '../views/directory-view.ts'
import { findEntity } from './find-entity.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseList, parsePaging } from './parameters.ts'

/** One page of all active skills, or of those that the parameter `id` names; unknown ids are left out. */
function listSkills({ platform }: OperationContext, { query }: PlatformRequest): PlatformResponse {
  const ids = parseList(query['id'])
  const { pageSize, pageNumber } = parsePaging(query)
  const skills = [...platform.skills.values()].filter(({ id, state }) => (ids.length > 0 ? ids.includes(id) : state === 'active'))
  return {
    status: 200,
    body: {
      entities: skills.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(createSkillView),
      pageSize,
      pageNumber,
      total: skills.length,
      pageCount: Math.ceil(skills.length / pageSize),
      selfUri: `/api/v2/routing/skills?pageSize=${pageSize}&pageNumber=${pageNumber}`,
    },
  }
}

const requires = { anyOf: ['routing:skill:view'] }

/** The operations for skills. */
export const skillOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/routing/skills/:skillId',
    requires,
    handle: ({ platform }, { params }) => ({ status: 200, body: createSkillView(findEntity(platform.skills, params['skillId'])) }),
  },
  { method: 'GET', path: '/routing/skills', requires, handle: listSkills },
]
