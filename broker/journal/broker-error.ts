/** A broken world, told by code; the codes are those of services/errors.ts. Callers test the code, never the text. */
export type BrokenCode =
  'BUS_UNAVAILABLE' | 'STORE_CORRUPT' | 'STORE_UNAVAILABLE' | 'PORT_IN_USE' | 'CONFIG_WRONG'

export type Broken = Error & { readonly code: BrokenCode }

export const broken = (code: BrokenCode, message: string, options?: { cause?: unknown }): Broken =>
  Object.assign(new Error(message, options), { code })
