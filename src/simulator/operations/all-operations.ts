/** Which operations the simulated platform has. */
import { callbackOperations } from './callbacks.ts'
import { conversationOperations } from './conversations.ts'
import { limitOperations } from './limits.ts'
import { notificationChannelOperations } from './notification-channels.ts'
import { queueObservationOperations } from './queue-observations.ts'
import { notificationSubscriptionOperations } from './notification-subscriptions.ts'
import { formatOperationName, type Operation } from './operation.ts'
import { queueOperations } from './queues.ts'
import { scheduleOperations } from './schedules.ts'
import { skillOperations } from './skills.ts'
import { transferOperations } from './transfers.ts'
import { userOperations } from './users.ts'
import { waitingCallRoutingOperations } from './waiting-call-routing.ts'

/** All operations below /api/v2. */
export const allOperations: readonly Operation[] = [
  ...conversationOperations,
  ...transferOperations,
  ...callbackOperations,
  ...waitingCallRoutingOperations,
  ...skillOperations,
  ...queueOperations,
  ...queueObservationOperations,
  ...userOperations,
  ...scheduleOperations,
  ...limitOperations,
  ...notificationChannelOperations,
  ...notificationSubscriptionOperations,
]

/** The login has a name like an operation, although it is not below /api/v2. */
export const loginOperationName = 'POST /oauth/token'

/** The names that faults can refer to. */
export const operationNames: readonly string[] = [
  loginOperationName,
  ...allOperations.map(({ method, path }) => formatOperationName(method, path)),
]
