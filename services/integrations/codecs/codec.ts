/**
 * LoRaWAN payload codecs: bytes in, the object of the maker's public decoder out. A network server that decodes gives
 * the same object, so one profile reads both. Pure; never throws.
 */
import type { Result } from '../../../broker/contract/result.ts'
import { decodeCayenneLpp } from './cayenne-lpp.ts'
import { decodeDecentlab, decentlabModels } from './decentlab.ts'
import { decodeDragino, draginoModels } from './dragino.ts'
import type { Decoder, Fields } from './frame.ts'
import { decodeMilesight, milesightModels } from './milesight.ts'
import { decodeSenseCap, senseCapModels } from './sensecap.ts'

export const codecNames = ['milesight', 'dragino', 'decentlab', 'sensecap', 'cayenne-lpp'] as const
export type CodecName = (typeof codecNames)[number]

const decoders: Record<CodecName, Decoder> = {
  milesight: decodeMilesight,
  dragino: decodeDragino,
  decentlab: decodeDecentlab,
  sensecap: decodeSenseCap,
  'cayenne-lpp': (_model, _fPort, bytes) => decodeCayenneLpp(bytes),
}

/** The models that a codec reads; null: the format is the same for every model. */
export const codecModels: Record<CodecName, readonly string[] | null> = {
  milesight: milesightModels,
  dragino: draginoModels,
  decentlab: decentlabModels,
  sensecap: senseCapModels,
  'cayenne-lpp': null,
}

/** The object of a whole frame, or the fault that names byte, channel and what came. A frame is never used in part. */
export const decodeFrame = (
  codec: CodecName,
  model: string,
  fPort: number,
  bytes: Uint8Array,
): Result<Fields> => decoders[codec](model, fPort, bytes)
