/**
 * Errors with a code, for failures of the environment. Callers test the code, never the text. Invalid input is not
 * an error but a Result.
 */
export const errorCodes = {
  INVALID_CONFIG: 'a setting is invalid',
  STORE_UNAVAILABLE: 'a store does not respond',
  DISK_FULL: "the server's disk is full",
  STOP_UNRECORDED: 'STOP was sent to the valves and is recorded later',
  STORE_CORRUPT: 'a database file is damaged; it is left unchanged',
  STORE_NEWER: 'a store was written by a later version of Tilth; it is left unchanged',
  STORE_REFUSED: 'a store rejected the data',
  INVALID_ROW: 'a stored row is invalid; it is left unchanged',
  PORT_IN_USE: 'a network port is in use',
  ENGINE_ONLY: 'this node serves pages only; the engine does this',
  BUS_UNAVAILABLE: 'the message bus does not respond',
  NOT_FOUND: 'it does not exist, or you have no access',
  UNAUTHENTICATED: 'sign in first',
  FORBIDDEN: 'your role does not include this',
  INVALID_CREDENTIALS: 'the current password is different',
  USER_IN_OTHER_ORGANISATION: 'the person belongs to an organisation that you do not administer',
  BAD_REQUEST: 'the request is invalid',
  CONFLICT: 'the state has changed meanwhile',
  PRE_HARVEST_INTERVAL: 'a pre-harvest interval is not over',
  NO_ACTIVE_SEASON: 'no season was active on that day',
  HISTORY_LOCKED: 'the history of those days depends on deleted data',
  SEASON_OVERLAP: 'another season was active on that day',
  CROP_HAS_TREATMENTS: 'a treatment was made under the label of this crop',
  VALVE_BUSY: 'the valve is open, or a run is in progress',
  VALVE_UNREACHABLE: 'the network of the valve is not connected',
  RATE_LIMITED: 'too many attempts, wait a little',
  INTERNAL: 'an internal error in Tilth',
} as const
export type ErrorCode = keyof typeof errorCodes

export type ErrorParams = Readonly<Record<string, string | number | null>>
interface ErrorOptions {
  cause?: unknown
  params?: ErrorParams
}

export class TilthError extends Error {
  readonly code: ErrorCode
  /** parameters for the localised message of the code */
  readonly params: ErrorParams | undefined
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TilthError'
    this.code = code
    this.params = options?.params
  }
}

/** Throws a TilthError. `options.params`: for the localised message of `code`. */
export function fail(code: ErrorCode, message: string, options?: ErrorOptions): never {
  throw new TilthError(code, message, options)
}

/** With `code`, only an error of this code; a TilthError that is only the `cause` of another error does not count. */
export const isTilthError = (error: unknown, code?: ErrorCode): error is TilthError =>
  error instanceof TilthError && (code === undefined || error.code === code)
