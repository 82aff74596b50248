/**
 * A broken world, told by code. Callers test the code, never the text. Bad input is not an error: it is a Result.
 */
export const errorCodes = {
  CONFIG_WRONG: 'a setting cannot be used',
  STORE_UNAVAILABLE: 'a store does not answer',
  STORE_CORRUPT: 'a database file is damaged; it is left as it is',
  STORE_REFUSED: 'a store refused what it was given',
  PORT_IN_USE: 'a network port is taken',
  BUS_UNAVAILABLE: 'the message bus does not answer',
  NOT_FOUND: 'no such thing, or not yours',
  NOT_SIGNED_IN: 'sign in first',
  NOT_ALLOWED: 'your role does not include this',
  WRONG_PASSWORD: 'the password that holds is another',
  OTHER_FARM_TOO: 'the person belongs to an organisation that you do not administer',
  BAD_REQUEST: 'the request cannot be understood',
  CONFLICT: 'the state has changed meanwhile',
  TOO_EARLY: 'a label holds the harvest back',
  NO_SEASON: 'nothing grew there on that day',
  DAYS_KEPT: 'days rest on what is not there any more',
  STILL_GROWN: 'something else grew there on that day',
  CROP_SPRAYED: 'a spray was made by the label of the crop',
  TOO_MANY: 'too many tries, wait a little',
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
