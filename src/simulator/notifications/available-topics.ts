/** How `GET /notifications/availabletopics` describes the topics. */
import { topicKinds, userCallsTopic } from './topics.ts'

/** Every topic as an `AvailableTopic` of the SDK: its id, and the fields that `expand` names. */
export function createAvailableTopicsView(expand: ReadonlySet<string>): unknown[] {
  return topicKinds.map(({ template, description, permissions, resource }) => {
    const fields: Record<string, Record<string, unknown>> = {
      description: { description },
      enforced: { enforced: true },
      visibility: { visibility: 'Public' },
      transports: { transports: ['All', 'Websocket', 'EventBridge', 'ProcessAutomation'] },
      publicApiTemplateUriPaths: { publicApiTemplateUriPaths: resource === undefined ? [] : [resource] },
      requiresPermissions: {
        requiresPermissions: permissions,
        requiresDivisionPermissions: false,
        requiresAnyValidator: false,
        requiresCurrentUser: false,
        requiresCurrentUserOrPermission: template === userCallsTopic,
      },
      permissionDetails: { permissionDetails: [{ type: 'requiresPermissions', permissions, allowsCurrentUser: false, enforced: true }] },
      topicParameters: { topicParameters: ['id'] },
    }
    return Object.assign({ id: template }, ...[...expand].map((field) => fields[field]))
  })
}
