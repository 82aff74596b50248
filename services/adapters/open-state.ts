/** The state store as each adapter opens it. */
import type { State, StoreFile } from '../ports.ts'

export interface OpenState {
  state: State
  /** Another handle on the same store: its queries do not wait for those of other handles. */
  handle(): State
  file: StoreFile
  /**
   * Rewrites the store, so that deleted rows are nowhere in it any more. Writes wait meanwhile, reads go on. DISK_FULL,
   * STORE_UNAVAILABLE. On a server it does nothing: the files are its operator's.
   */
  rewrite(): Promise<void>
  close(): Promise<void>
}

export interface StateOptions {
  /** the name of this node; on a store that several can share, as the next */
  node?: string
  /** this process is the engine at work */
  epoch?: number
}
