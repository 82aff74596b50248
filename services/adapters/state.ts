/** Opens the state store by its URL: the scheme selects the adapter. */
import type { State } from '../ports.ts'
import type { TerminationLock } from '../runtime/worker-entry.ts'
import type { OpenState, StateOptions } from './open-state.ts'
import { openSqliteState, openStateToRead as openSqliteStateToRead } from './sqlite/state.ts'

export type { OpenState }

const SQLITE = 'sqlite:'

/** The file of the setting STATE; null: the store is on a server. */
export const stateFilePath = (url: string): string | null =>
  url.startsWith(SQLITE) ? url.slice(SQLITE.length) : null

/** Opens or creates the store of the setting STATE. INVALID_CONFIG for an unusable URL; otherwise the errors of the store. */
export async function openState(url: string, options: StateOptions = {}): Promise<OpenState> {
  const path = stateFilePath(url)
  if (path !== null) return openSqliteState(path)
  // its client is loaded on demand
  const { openPostgresState } = await import('./postgres/state.ts')
  return openPostgresState(url, options)
}

/** Whether a store on a server responds and can be used; changes nothing. Errors as `openState`. */
export async function checkStateServer(url: string): Promise<void> {
  const { checkPostgresState } = await import('./postgres/state.ts')
  await checkPostgresState(url)
}

/** The name of the engine that works on the store of the setting STATE; null: none, or the store is a file. */
export async function engineAtWork(url: string): Promise<string | null> {
  if (stateFilePath(url) !== null) return null
  return (await import('./postgres/leadership.ts')).engineAtWork(url)
}

/** Whether an engine is at work, as a node without a lease sees it. Errors of PostgreSQL as they are. */
export async function isEngineAtWork(state: State): Promise<boolean> {
  return (await import('./postgres/leadership.ts')).isEngineAtWork(state)
}

/** The same rows for a worker thread, on its own connection to a store that is open. STORE_UNAVAILABLE. */
export async function openStateToRead(
  url: string,
  hold: TerminationLock,
): Promise<{ state: State; close(): Promise<void> }> {
  const path = stateFilePath(url)
  if (path !== null) return openSqliteStateToRead(path, hold)
  const { openPostgresStateToRead } = await import('./postgres/state.ts')
  return openPostgresStateToRead(url)
}
