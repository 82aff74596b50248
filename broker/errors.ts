/** Operational errors by code; the codes are those of services/errors.ts. Callers test the code, never the text. */
export type BrokerErrorCode =
  | 'BUS_UNAVAILABLE'
  | 'DISK_FULL'
  | 'STORE_CORRUPT'
  | 'STORE_NEWER'
  | 'STORE_UNAVAILABLE'
  | 'PORT_IN_USE'
  | 'INVALID_CONFIG'

export type BrokerError = Error & { readonly code: BrokerErrorCode }

/** An error with a code. */
export const brokerError = (
  code: BrokerErrorCode,
  message: string,
  options?: { cause?: unknown },
): BrokerError => Object.assign(new Error(message, options), { code })
