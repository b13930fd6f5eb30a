/** /version: which version runs. It needs no key, like /health, so that a deployment can be checked from where its probes are. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { serviceVersion } from '../telemetry/version.ts'
import { jsonResponse } from './schemas/responses.ts'

const Version = Type.Object(
  {
    version: Type.String({ description: 'The version of Handoff' }),
    nodeVersion: Type.String({ description: 'The version of Node.js that runs it' }),
  },
  { title: 'Version' },
)

export const versionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/version',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'version',
        tags: ['health'],
        summary: 'Which version runs',
        description: 'For people and deployments. The same is in `handoff_build_info` of `GET /metrics`.',
        response: { 200: jsonResponse('The version', Version) },
      },
    },
    () => ({ version: serviceVersion, nodeVersion: process.versions.node }),
  )
}
