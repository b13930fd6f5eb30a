/** For each alert of ops/prometheus-alerts.yaml, values at which it must fire and values at which it must not. */

export interface AlertCase {
  alert: string
  /** The minute at which the alert is looked at. */
  minute: number
  /** Labels of the alert besides its severity. */
  labels?: Record<string, string>
  /** Series with their values minute by minute, in promtool's notation: `0x10` is 0 eleven times, `0+1x10` counts from 0 to 10. */
  firing: Record<string, string>
  quiet: Record<string, string>
}

const node = 'instance="a"'
const transfers = (state: string): string => `handoff_transfers_total{${node},state="${state}",code="none"}`
const logins = (result: string): string => `handoff_logins_total{${node},result="${result}"}`

export const alertCases: AlertCase[] = [
  {
    alert: 'HandoffDown',
    minute: 3,
    labels: { job: 'handoff', instance: 'a' },
    firing: { [`up{job="handoff",${node}}`]: '0x5', 'up{job="handoff",instance="b"}': '1x5' },
    quiet: { [`up{job="handoff",${node}}`]: '1x5', [`up{job="other",${node}}`]: '0x5' },
  },
  {
    alert: 'HandoffNotScraped',
    minute: 7,
    labels: { job: 'handoff' },
    firing: { 'up{job="other"}': '1x9' },
    quiet: { 'up{job="handoff"}': '0x9' },
  },
  {
    alert: 'HandoffLedgerGone',
    minute: 3,
    firing: { [`handoff_ledger_up{${node}}`]: '0x5' },
    quiet: { [`handoff_ledger_up{${node}}`]: '1x5' },
  },
  {
    alert: 'HandoffLeaseInvalid',
    minute: 3,
    labels: { instance: 'a' },
    firing: { [`handoff_lease_valid{${node}}`]: '0x5' },
    quiet: { [`handoff_lease_valid{${node}}`]: '1 0 1 1 1 1' },
  },
  {
    alert: 'HandoffLeaseLostRepeatedly',
    minute: 15,
    labels: { instance: 'a' },
    firing: { [`handoff_leases_expired_total{${node}}`]: '0+1x15' },
    quiet: { [`handoff_leases_expired_total{${node}}`]: '0x5 1x10' },
  },
  {
    alert: 'HandoffTakeoverStuck',
    minute: 5,
    labels: { instance: 'a' },
    firing: { [`handoff_takeover_age_seconds{${node}}`]: '0+60x6' },
    quiet: { [`handoff_takeover_age_seconds{${node}}`]: '2x6' },
  },
  {
    alert: 'HandoffWatcherStuck',
    minute: 6,
    labels: { instance: 'a' },
    firing: { [`handoff_watch_overdue_seconds{${node}}`]: '0+60x8' },
    quiet: { [`handoff_watch_overdue_seconds{${node}}`]: '0 5 130 5 0 0 0 0' },
  },
  {
    alert: 'HandoffLogLinesLost',
    minute: 5,
    labels: { instance: 'a' },
    firing: { [`handoff_log_lines_lost_total{${node}}`]: '0x2 5x4' },
    quiet: { [`handoff_log_lines_lost_total{${node}}`]: '5x6' },
  },
  {
    alert: 'HandoffLoginRefused',
    minute: 5,
    labels: { instance: 'a' },
    firing: { [logins('login_failed')]: '0x2 1x4' },
    quiet: { [logins('ok')]: '0+1x6', [logins('login_failed')]: '0x6' },
  },
  {
    alert: 'HandoffLoginFailing',
    minute: 12,
    labels: { instance: 'a' },
    firing: { [logins('unavailable')]: '0+1x12' },
    quiet: { [logins('unavailable')]: '0x6 1x6', [logins('ok')]: '0+1x12' },
  },
  {
    alert: 'HandoffCertificateRefused',
    minute: 5,
    labels: { peer: 'webhook' },
    firing: { [`handoff_certificate_failures_total{${node},peer="webhook"}`]: '0x2 1x4' },
    quiet: { [`handoff_certificate_failures_total{${node},peer="webhook"}`]: '0x6' },
  },
  {
    alert: 'HandoffPlatformDown',
    minute: 3,
    firing: { [`handoff_breaker_state{${node}}`]: '2x5' },
    quiet: { [`handoff_breaker_state{${node}}`]: '1x5' },
  },
  {
    alert: 'HandoffRateLimitNear',
    minute: 7,
    firing: { [`handoff_governor_limit{${node},token="0"}`]: '285x9', [`handoff_governor_used{${node},token="0"}`]: '280x9' },
    quiet: { [`handoff_governor_limit{${node},token="0"}`]: '285x9', [`handoff_governor_used{${node},token="0"}`]: '40x9' },
  },
  {
    alert: 'HandoffTransferIndeterminate',
    minute: 5,
    firing: { [transfers('indeterminate')]: '0x2 1x4' },
    quiet: { [transfers('indeterminate')]: '1x6' },
  },
  {
    alert: 'HandoffPickupRateLow',
    minute: 50,
    firing: { [transfers('picked_up')]: '0+1x60', [transfers('timeout')]: '0+1x60' },
    quiet: { [transfers('picked_up')]: '0+9x60', [transfers('timeout')]: '0+1x60' },
  },
  {
    alert: 'HandoffBulkTransferPaused',
    minute: 20,
    firing: { [`handoff_bulk_transfers{${node},state="paused"}`]: '1x25' },
    quiet: { [`handoff_bulk_transfers{${node},state="paused"}`]: '0x25', [`handoff_bulk_transfers{${node},state="running"}`]: '1x25' },
  },
  {
    alert: 'HandoffWebhookPaused',
    minute: 2,
    labels: { endpoint: 'ep_1' },
    firing: { [`handoff_webhook_endpoint_paused{${node},endpoint="ep_1"}`]: '1x5' },
    quiet: { [`handoff_webhook_endpoint_paused{${node},endpoint="ep_1"}`]: '0x5' },
  },
  {
    alert: 'HandoffWebhookFailing',
    minute: 15,
    labels: { endpoint: 'ep_1' },
    firing: { [`handoff_webhook_endpoint_failing_seconds{${node},endpoint="ep_1"}`]: '0+60x20' },
    quiet: { [`handoff_webhook_endpoint_failing_seconds{${node},endpoint="ep_1"}`]: '60x20' },
  },
  {
    alert: 'HandoffWebhookLate',
    minute: 30,
    labels: { endpoint: 'ep_1' },
    firing: { [`handoff_webhook_oldest_pending_seconds{${node},endpoint="ep_1"}`]: '0+60x40' },
    quiet: { [`handoff_webhook_oldest_pending_seconds{${node},endpoint="ep_1"}`]: '60x40' },
  },
]
