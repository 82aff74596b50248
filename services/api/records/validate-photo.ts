/** Whether a photo is what a phone was asked for, in both of its sizes. Pure. */
import type { NewPhoto } from './photo-schemas.ts'
import { jpegFault } from './validate-jpeg.ts'

const THUMB_PX = 200
const PICTURE_PX = 1_280

/** Null: it can be kept. */
export function photoFault({ thumb, picture }: NewPhoto): string | null {
  for (const [name, text, mostPx] of [
    ['thumb', thumb, THUMB_PX],
    ['picture', picture, PICTURE_PX],
  ] as const) {
    const fault = jpegFault(Buffer.from(text, 'base64'), mostPx)
    if (fault !== null) return `${name}: ${fault}`
  }
  return null
}
