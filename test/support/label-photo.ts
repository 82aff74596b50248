/** Photos of a device's label and location, as files for an upload. */
import type { Page } from 'playwright-core'
import { claimLabel } from '../../broker/contract/claim-label.ts'
import { drawQr } from './draw-qr.ts'

export interface Photo {
  name: string
  mimeType: string
  buffer: Buffer
}

/** The label of a probe with this claim code, slightly rotated. */
export async function labelPhoto(page: Page, code: string): Promise<Photo> {
  const { width, height, grey } = drawQr(claimLabel({ code, kind: 'probe', valves: [] }), { turnDeg: 8 })
  const base64 = await page.evaluate(
    ([w, h, text]) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: w, height: h })
      const paper = canvas.getContext('2d')!
      const pixels = paper.createImageData(w, h)
      const bytes = atob(text)
      for (let i = 0; i < bytes.length; i++)
        pixels.data.set([...Array<number>(3).fill(bytes.charCodeAt(i)), 255], 4 * i)
      paper.putImageData(pixels, 0, 0)
      return canvas.toDataURL('image/jpeg', 0.9).split(',')[1]!
    },
    [width, height, Buffer.from(grey).toString('base64')] as const,
  )
  return { name: 'label.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') }
}

/** A post in a green field. */
export async function placePhoto(page: Page, type = 'image/png'): Promise<Photo> {
  const base64 = await page.evaluate((mime) => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 1_600, height: 1_200 })
    const paper = canvas.getContext('2d')!
    paper.fillStyle = '#96b482'
    paper.fillRect(0, 0, 1_600, 1_200)
    paper.fillStyle = '#5a4632'
    paper.fillRect(760, 300, 80, 800)
    return canvas.toDataURL(mime).split(',')[1]!
  }, type)
  return { name: 'photo.png', mimeType: type, buffer: Buffer.from(base64, 'base64') }
}
