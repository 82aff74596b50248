/** What a client tried and was not allowed to, for whoever keeps the record of it. */
export interface Rejection {
  /** whom it says it is: its client id, then its user name; nothing of it needs to be true */
  claims: readonly string[]
  what: 'connect' | 'publish' | 'subscribe' | 'packet'
  reason: string
}

export type OnRejection = (refused: Rejection) => void
