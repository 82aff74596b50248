/** Shrinks a photo on the phone: a farm's network is slow and its storage is small. */

/** The picture's pixels, its longer side `mostPx` at most; null where the phone cannot read the file. */
async function shrink(file: Blob, mostPx: number): Promise<HTMLCanvasElement | null> {
  try {
    const picture = await createImageBitmap(file)
    const scale = Math.min(1, mostPx / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    return canvas
  } catch {
    return null
  }
}

/** As JPEG in base64; the quality is reduced until it fits in `mostChars`. */
export async function jpegOf(file: Blob, mostPx: number, mostChars: number): Promise<string | null> {
  const canvas = await shrink(file, mostPx)
  for (const quality of [0.8, 0.6, 0.4, 0.2]) {
    const base64 = canvas?.toDataURL('image/jpeg', quality).split(',')[1] ?? ''
    if (base64 !== '' && base64.length <= mostChars) return base64
  }
  return null
}

export interface GreyPicture {
  width: number
  height: number
  grey: string // a byte a pixel, row by row, base64
}

/** Its brightness alone (ITU-R BT.601). */
export async function greyOf(file: Blob, mostPx: number): Promise<GreyPicture | null> {
  const canvas = await shrink(file, mostPx)
  if (canvas === null) return null
  const { width, height } = canvas
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height)
  let text = ''
  for (let i = 0; i < data.length; i += 4)
    text += String.fromCharCode(0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!)
  return { width, height, grey: btoa(text) }
}
