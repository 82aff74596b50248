/**
 * Reads the claim label in a picture. The QR code is decoded in a worker thread, so that messages and valves
 * do not wait for it.
 */
import { parseClaimLabel, type ClaimLabel } from '../../../broker/contract/claim-label.ts'
import { err, type Result } from '../../../broker/contract/result.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { createWorkerClient } from '../../runtime/worker-thread.ts'

/** A greyscale picture: one byte per pixel, row by row. */
export interface GreyPicture {
  width: number
  height: number
  grey: Uint8Array
}

export interface LabelReader {
  /** One picture at a time. The reason tells the person what to do. */
  read(picture: GreyPicture): Promise<Result<ClaimLabel>>
}

/** The thread starts with the first picture and ends after a while without one. */
export function createLabelReader(): LabelReader {
  const thread = createWorkerClient<GreyPicture, string | null>(import.meta.url, 'the label reader')
  const queue = serialQueue()
  return {
    async read(picture) {
      const text = await queue.enqueue(() => thread.request(picture))
      return text === null
        ? err('picture: no QR code found; move closer and add light')
        : parseClaimLabel(text)
    },
  }
}
