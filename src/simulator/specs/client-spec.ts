/** Which fields describe an OAuth client on the control API. */
import type { Static } from 'typebox'
import { NonEmptyString, strictObject } from './schemas.ts'

/** How a client is described when it is added. */
export const ClientSpec = strictObject({ id: NonEmptyString, secret: NonEmptyString })
export type ClientSpec = Static<typeof ClientSpec>
