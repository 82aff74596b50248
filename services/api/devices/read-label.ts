/** The claim label in a picture: its QR code is looked for in a thread, so that no message and no valve waits for it. */
import { parseClaimLabel, type ClaimLabel } from '../../../broker/contract/claim-label.ts'
import { err, type Result } from '../../../broker/contract/result.ts'
import { createWorkerClient } from '../../runtime/worker-thread.ts'

/** A picture in grey: a byte a pixel, row by row. */
export interface GreyPicture {
  width: number
  height: number
  grey: Uint8Array
}

export interface LabelReader {
  /** One picture after the other. The reason says what a person can do. */
  read(picture: GreyPicture): Promise<Result<ClaimLabel>>
}

/** The thread is begun with the first picture, and ends when none came for a while. */
export function createLabelReader(): LabelReader {
  const thread = createWorkerClient<GreyPicture, string | null>(import.meta.url, 'the label reader')
  let before: Promise<unknown> = Promise.resolve()
  return {
    async read(picture) {
      const reading = before.then(() => thread.ask(picture))
      before = reading.catch(() => {})
      const text = await reading
      return text === null
        ? err('picture: no QR code was found in it; go nearer, with more light')
        : parseClaimLabel(text)
    },
  }
}
