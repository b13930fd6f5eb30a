/** Whether a request failed only because its caller closed the connection. Then nobody receives the response, and nothing is wrong with the service. */
import type { FastifyRequest } from 'fastify'

/** Whether the connection was closed before the whole request had arrived. */
export const hasHungUp = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete
