/** What a notification channel and its connection are to the rest of the simulator. */

/** The one WebSocket connection of a channel. */
export interface ChannelConnection {
  readonly isOpen: boolean
  /** Sends a message; returns false if the connection is not open any more. */
  send(text: string): boolean
  /** Sends `v2.system.socket_closing`: the platform is about to close the connection. */
  announceClosing(): void
  /** Closes the connection with a closing handshake; what was sent before still arrives. */
  close(): void
  /** Ends the connection without a closing handshake. */
  terminate(): void
}

/** A notification channel. */
export interface Channel {
  readonly id: string
  /** The access token that the channel was created with, compared by identity. */
  readonly token: object
  readonly topics: ReadonlySet<string>
  /** Epoch ms. */
  readonly expiresAt: number
  readonly connection: ChannelConnection | undefined
}
