/**
 * Reads and compares pictures on a canvas. `install` runs in a page of the browser: it uses nothing of this module.
 *
 * An approved picture keeps each colour of at least 200 px, and draws the grey pixels at the edges of letters in the
 * nearest of these: so it is small, and what it shows is what a person saw.
 */

/** How two pictures are compared. */
export interface Strictness {
  /** side of the blocks whose mean colours are compared; 1: pixels */
  blockPx: number
  /** a larger difference of a channel (0 to 255) counts */
  level: number
  /** more differing blocks are drawn */
  blocks: number
}

export interface Comparison {
  /** differing blocks */
  blocks: number
  /** what differs when the sizes do */
  size: string | null
  /** the approved picture in pale grey, with what differs in red: a PNG in base64; null when that is little */
  difference: string | null
}

export interface PictureTools {
  compare(actual: string, approved: string, how: Strictness): Promise<Comparison>
  /** The pixels with few colours: RGBA in base64. */
  reduce(png: string): Promise<{ width: number; height: number; rgba: string }>
}

export function install(): void {
  const LEAST_PX = 200
  const read = async (base64: string): Promise<ImageData> => {
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' })
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, bitmap.width, bitmap.height)
  }
  const base64Of = (bytes: Uint8Array): string => {
    const PART = 8_192
    let text = ''
    for (let i = 0; i < bytes.length; i += PART) text += String.fromCharCode(...bytes.subarray(i, i + PART))
    return btoa(text)
  }
  const pngOf = async (pixels: ImageData): Promise<string> => {
    const canvas = new OffscreenCanvas(pixels.width, pixels.height)
    canvas.getContext('2d')!.putImageData(pixels, 0, 0)
    return base64Of(new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer()))
  }
  const coloursOf = (pixels: Uint32Array): Map<number, number> => {
    const counts = new Map<number, number>()
    // most pixels have the colour of the one before
    let from = 0
    for (let i = 1; i <= pixels.length; i++)
      if (i === pixels.length || pixels[i] !== pixels[from]) {
        counts.set(pixels[from]!, (counts.get(pixels[from]!) ?? 0) + i - from)
        from = i
      }
    return counts
  }
  const distance = (a: number, b: number): number => {
    const apart = (shift: number): number => Math.abs(((a >>> shift) & 255) - ((b >>> shift) & 255))
    return Math.max(apart(0), apart(8), apart(16))
  }
  const nearest = (colour: number, palette: Iterable<number>): number => {
    let best = colour
    let least = Infinity
    for (const other of palette) {
      const apart = distance(colour, other)
      if (apart < least) [best, least] = [other, apart]
    }
    return best
  }

  /**
   * The places of the pixels that differ by more than `level`, by more than the few colours explain, and from every pixel
   * around them: the browser may draw the letters of a layer half a pixel away. What is gone or new differs also so.
   */
  function differingPixels(actual: ImageData, approved: ImageData, level: number): number[] {
    const { width, height } = approved
    const [a, b] = [new Uint32Array(actual.data.buffer), new Uint32Array(approved.data.buffer)]
    const palette = [...coloursOf(b).keys()]
    const counts = coloursOf(a)
    const limits = new Map<number, number>()
    // a large area has its exact colour; the margin is for a colour of about as many pixels as the least
    const limitOf = (colour: number): number => {
      let limit = limits.get(colour)
      if (limit === undefined) {
        const isLarge = counts.get(colour)! >= 2 * LEAST_PX
        limits.set(colour, (limit = isLarge ? level : level + distance(colour, nearest(colour, palette))))
      }
      return limit
    }
    const isLike = (drawn: number, kept: number): boolean =>
      drawn === kept || distance(drawn, kept) <= limitOf(drawn)
    const isAround = (i: number, test: (j: number) => boolean): boolean => {
      const [x, y] = [i % width, Math.floor(i / width)]
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++)
          if (test(v * width + u)) return true
      return false
    }
    const places: number[] = []
    for (let i = 0; i < a.length; i++)
      if (
        !isLike(a[i]!, b[i]!) &&
        !(isAround(i, (j) => isLike(a[i]!, b[j]!)) && isAround(i, (j) => isLike(a[j]!, b[i]!)))
      )
        places.push(i)
    return places
  }

  /** The places of a pixel of each block whose mean colour differs by more than `level`. */
  function differingBlocks(a: ImageData, b: ImageData, { blockPx, level }: Strictness): number[] {
    const { width, height } = a
    const places: number[] = []
    for (let top = 0; top < height; top += blockPx)
      for (let left = 0; left < width; left += blockPx) {
        const sums = [0, 0, 0]
        let pixels = 0
        for (let y = top; y < Math.min(top + blockPx, height); y++)
          for (let x = left; x < Math.min(left + blockPx, width); x++, pixels++)
            for (const channel of [0, 1, 2]) {
              const i = 4 * (y * width + x) + channel
              sums[channel]! += a.data[i]! - b.data[i]!
            }
        if (sums.some((sum) => Math.abs(sum) > level * pixels)) places.push(top * width + left)
      }
    return places
  }

  const compare: PictureTools['compare'] = async (actual, approved, how) => {
    const [a, b] = await Promise.all([read(actual), read(approved)])
    const { width, height } = b
    if (a.width !== width || a.height !== height) {
      const size = `${a.width} x ${a.height} px instead of ${width} x ${height}`
      return { blocks: 0, size, difference: null }
    }
    const places = how.blockPx === 1 ? differingPixels(a, b, how.level) : differingBlocks(a, b, how)
    if (places.length <= how.blocks) return { blocks: places.length, size: null, difference: null }
    for (let i = 0; i < b.data.length; i += 4) {
      const grey = 160 + (b.data[i]! + b.data[i + 1]! + b.data[i + 2]!) / 8
      b.data.set([grey, grey, grey], i)
    }
    for (const place of places)
      for (let y = 0; y < how.blockPx; y++)
        for (let x = 0; x < how.blockPx; x++)
          if ((place % width) + x < width && place + y * width < width * height)
            b.data.set([220, 0, 0], 4 * (place + y * width + x))
    return { blocks: places.length, size: null, difference: await pngOf(b) }
  }

  const reduce: PictureTools['reduce'] = async (png) => {
    const { width, height, data } = await read(png)
    const pixels = new Uint32Array(data.buffer)
    const counts = coloursOf(pixels)
    const palette = [...counts].flatMap(([colour, count]) => (count >= LEAST_PX ? [colour] : []))
    const replacements = new Map([...counts.keys()].map((colour) => [colour, nearest(colour, palette)]))
    const reduced = pixels.map((colour) => replacements.get(colour)!)
    return { width, height, rgba: base64Of(new Uint8Array(reduced.buffer)) }
  }

  Object.assign(globalThis, { pictureTools: { compare, reduce } satisfies PictureTools })
}
