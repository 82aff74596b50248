/** What the broker reports: its log, and the attempts that it rejects. */

/** Fields first, then one line of text. */
export interface Log {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** An action that a client attempted and was not permitted, for the rejection log. */
export interface Rejection {
  /** the identity it claims: its client id, then its user name; neither is verified */
  claims: readonly string[]
  action: 'connect' | 'publish' | 'subscribe' | 'packet'
  reason: string
}

export type OnRejection = (rejection: Rejection) => void
