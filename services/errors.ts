/**
 * A broken world, told by code. Callers test the code, never the text. Bad input is not an error: it is a Result.
 */
export const errorCodes = {
  INVALID_CONFIG: 'a setting cannot be used',
  STORE_UNAVAILABLE: 'a store does not answer',
  STORE_CORRUPT: 'a database file is damaged; it is left as it is',
  STORE_REFUSED: 'a store refused what it was given',
  PORT_IN_USE: 'a network port is taken',
  BUS_UNAVAILABLE: 'the message bus does not answer',
  NOT_FOUND: 'no such thing, or not yours',
  UNAUTHENTICATED: 'sign in first',
  FORBIDDEN: 'your role does not include this',
  INVALID_CREDENTIALS: 'the password that holds is another',
  USER_IN_OTHER_ORGANISATION: 'the person belongs to an organisation that you do not administer',
  BAD_REQUEST: 'the request cannot be understood',
  CONFLICT: 'the state has changed meanwhile',
  PRE_HARVEST_INTERVAL: 'a label holds the harvest back',
  NO_ACTIVE_SEASON: 'nothing grew there on that day',
  HISTORY_LOCKED: 'days rest on what is not there any more',
  SEASON_OVERLAP: 'something else grew there on that day',
  CROP_HAS_TREATMENTS: 'a spray was made by the label of the crop',
  RATE_LIMITED: 'too many tries, wait a little',
  INTERNAL: 'something is wrong in Tilth itself',
} as const
export type ErrorCode = keyof typeof errorCodes

export type ErrorParams = Readonly<Record<string, string | number | null>>
interface ErrorOptions {
  cause?: unknown
  params?: ErrorParams
}

export class TilthError extends Error {
  readonly code: ErrorCode
  /** what a person is told with the code, in the language of the person */
  readonly params: ErrorParams | undefined
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TilthError'
    this.code = code
    this.params = options?.params
  }
}

export function fail(code: ErrorCode, message: string, options?: ErrorOptions): never {
  throw new TilthError(code, message, options)
}

export const isTilthError = (error: unknown, code?: ErrorCode): error is TilthError =>
  error instanceof TilthError && (code === undefined || error.code === code)
