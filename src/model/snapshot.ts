/** The state of a conversation before its call was moved: every later read of the conversation is compared with it. */

/** Plain JSON; the ledger keeps it with the transfer. Records of earlier versions have more fields, which nothing reads. */
export interface Snapshot {
  /** Ids of all participants that the conversation had. */
  participantIds: string[]
  /** Id of the participant that held the call. */
  holderId: string
  /** Epoch ms by this service's clock. */
  takenAt: number
  /**
   * Ids of the transfer commands that the platform listed before this transfer's command was sent, so none of them is this transfer's.
   * Unlike a comparison of times, this works even if the two clocks differ. Absent in records of earlier versions.
   */
  transferIds?: string[]
  /** Ids of the callbacks that the conversation had, so none of them is this transfer's. Absent: none. */
  callbackIds?: string[]
}
