/** Writes each audit entry to the log as well, so that a log that is stored elsewhere can prove what the audit trail contained. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { AuditEntry } from '../ledger/contract/audit.ts'
import { toEcsAuditEvent } from '../telemetry/ecs.ts'

function auditLogPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  app.decorate('auditLog', (entry: AuditEntry) => {
    app.log.info({ audit: true, ...toEcsAuditEvent(entry) }, `audit ${entry.status}`)
  })
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Logs an audit entry. */
    auditLog(entry: AuditEntry): void
  }
}
export default fp(auditLogPlugin, { name: 'audit-log', fastify: '5.x' })
