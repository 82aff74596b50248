/** What all codecs share: the decoded object, the name of a model, and faults that name the byte. */
import { err, type Err, type Result } from '../../../broker/contract/result.ts'

/** Field names and units are those of the maker's public decoder. */
export type Fields = Record<string, unknown>

/** Decodes a frame of one maker. Total: any bytes give an object or a fault. */
export type Decoder = (model: string, fPort: number, bytes: Uint8Array) => Result<Fields>

/** `EM500-SMTC`, `em500-smtc` and `EM500_SMTC` are one model: `em500smtc`. */
export const modelKey = (model: string): string => model.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The bytes as a person reads them in a data sheet: `03 67 19`. Long frames are cut. */
export function hexOf(bytes: Uint8Array, limit = 24): string {
  const shown = Array.from(bytes.subarray(0, limit), (byte) => byte.toString(16).padStart(2, '0'))
  return shown.join(' ') + (bytes.length > limit ? ' ...' : '')
}

/** A view of `length` bytes from `at`; the caller has checked that they are there. */
export const viewOf = (bytes: Uint8Array, at = 0, length = bytes.length - at): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, length)

/** A fault at a byte of the frame, counted from 0. */
export const faultAt = (offset: number, what: string): Err<string> => err(`byte ${offset}: ${what}`)

const shown = (bytes: Uint8Array): string => (bytes.length === 0 ? '' : ` (${hexOf(bytes)})`)

/** The frame ends before the value does: `byte 7: channel 05 7f: size 2, but 1 left (f0)`. */
export const truncated = (offset: number, what: string, size: number, rest: Uint8Array): Err<string> =>
  faultAt(offset, `${what}: size ${size}, but ${rest.length} left${shown(rest)}`)

/** Bytes that belong to nothing. */
export const trailing = (offset: number, rest: Uint8Array): Err<string> =>
  faultAt(offset, `${rest.length} left over${shown(rest)}`)

/** A model that the codec does not know. */
export const unknownModel = (codec: string, model: string): Err<string> =>
  err(`model: expected one that the codec ${codec} knows, got ${model}`)

/** A port on which the model sends nothing that is documented. */
export const unknownPort = (model: string, fPort: number): Err<string> =>
  err(`fPort ${fPort}: ${model} has no documented frame on this port`)
