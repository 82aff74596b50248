/** The port of the users of an external broker. */
/** The user of a device at an external broker. */
export interface BrokerUser {
  id: string
  org: string
  hash: string // of its secret, from runtime/salted-hash.ts
  isRotated: boolean // its secret was changed; false: it is new, or claimed again
}

/** The users of devices at an external broker, as far as Tilth has made them. */
export interface BrokerUsers {
  /**
   * Adds users or replaces their secrets and rights. A session with a void secret ends. Returns the ids that are names of
   * users of somebody else, which stay as they are.
   */
  put(users: readonly BrokerUser[]): Promise<string[]>
  /** Ends their sessions too. Without effect for unknown ones. */
  remove(ids: readonly string[]): Promise<void>
  /** `org`: null for rights that differ from those of a device. */
  list(): Promise<{ id: string; org: string | null; hash: string }[]>
}
