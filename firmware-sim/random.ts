/**
 * Reproducible random numbers: the same seed gives the same field. A stream is named by text
 * (`random('7/rain/2026-07-06')`), so that a day's storms do not depend on the order of the calls.
 */
export interface Random {
  /** uniform, 0 <= x < 1 */
  next(): number
  /** mean 0, standard deviation 1 (Box and Muller 1958) */
  normal(): number
  /** number of events when `mean` are expected */
  poisson(mean: number): number
  /** mean `shape * scale` (Marsaglia and Tsang 2000) */
  gamma(shape: number, scale: number): number
}

/** Each call starts the stream of the seed again. Not for secrets. */
export function random(seed: string): Random {
  const next = sfc32(hash(seed))
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

  function gamma(shape: number, scale: number): number {
    if (shape < 1) return gamma(shape + 1, scale) * (1 - next()) ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale
    }
  }

  function poisson(mean: number): number {
    // above 30 a rounded normal is as good, and exp(-mean) would not underflow
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = next(); product > limit; product *= next()) count++
    return count
  }

  return { next, normal, poisson, gamma }
}

/** Four 32-bit words from a text (FNV-1a, one pass a word with its own basis). */
function hash(text: string): [number, number, number, number] {
  const hashWord = (basis: number): number => {
    let h = basis
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    return (h ^ (h >>> 13)) >>> 0
  }
  return [hashWord(0x811c9dc5), hashWord(0x9e3779b9), hashWord(0x243f6a88), hashWord(0xb7e15162)]
}

/** Small Fast Counter generator of PractRand (Doty-Humphrey), 128 bits of state. */
function sfc32([a, b, c, d]: [number, number, number, number]): () => number {
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
