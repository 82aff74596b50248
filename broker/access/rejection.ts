/** An action that a client attempted and was not permitted, for the rejection log. */
export interface Rejection {
  /** the identity it claims: its client id, then its user name; neither is verified */
  claims: readonly string[]
  action: 'connect' | 'publish' | 'subscribe' | 'packet'
  reason: string
}

export type OnRejection = (rejection: Rejection) => void
