/** Frames as data sheets print them, for the tests of the codecs. */
import { decodeFrame, type CodecName } from '../../../../services/integrations/codecs/codec.ts'

/** `01 75 64` or `017564` as bytes. */
export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))

/** The object of a frame; the fault as text where there is one. */
export function decodeHex(codec: CodecName, model: string, fPort: number, hex: string): unknown {
  const result = decodeFrame(codec, model, fPort, fromHex(hex))
  return result.ok ? result.value : result.error
}
