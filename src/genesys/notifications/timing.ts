/** The intervals and timeouts of the client of the notification service, in ms. */

export const defaultTiming = {
  /** Changes of the watched topics are collected for this long and sent together. */
  batchMs: 50,
  /** Minimum distance between two calls for the same channel. */
  spacingMs: 1000,
  callTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  /** A connection that was silent for this long gets a ping. The platform sends a heartbeat every 30 s. */
  pingAfterMs: 15_000,
  /** A connection that was silent for this long counts as lost. */
  giveUpAfterMs: 30_000,
  /** A channel is renewed this often: the platform drops it 24 h after its last subscription (docs/genesys-cloud.md rule 58). */
  renewAfterMs: 20 * 3_600_000,
  /** A replaced connection stays open for this long, so that events already on their way still arrive. */
  drainMs: 5000,
  /** A topic that is no longer watched stays subscribed for this long, in case it is needed again. */
  lingerMs: 10 * 60_000,
  /** A topic that the platform rejected is requested again after this long. */
  retryRejectedAfterMs: 30 * 60_000,
  /** Topics that are not needed are unsubscribed at most this often, unless their room is needed. */
  trimIntervalMs: 60_000,
  /** Past failures are forgotten once everything has worked for this long. */
  stableAfterMs: 60_000,
}
export type NotificationTiming = typeof defaultTiming
