/**
 * When a battery wants changing. A voltage sags in the cold and while a radio sends, so two readings in a row must be
 * low, and it is well again only clearly above the limit. Where nothing is known of a battery nothing is said. Pure.
 */
import type { AtMs } from '../../broker/contract/time.ts'

// what a battery of this voltage has when it is nearly flat; one cell of lithium, then lead of 12 and of 24 V
const usual: { fromV: number; toV: number; lowV: number }[] = [
  { fromV: 0.5, toV: 4.4, lowV: 3 },
  { fromV: 9, toV: 15, lowV: 11.8 },
  { fromV: 18, toV: 30, lowV: 23.6 },
]
const WELL_ABOVE = 1.05

export interface Battery {
  v: number | null
  /** null: as usual for its voltage */
  lowV: number | null
  heardMs: AtMs
}

/** true: low; false: well; null: neither, it stays as it was. */
export function isLow({ v, lowV }: Pick<Battery, 'v' | 'lowV'>): boolean | null {
  if (v === null) return null
  // a device on the mains may send 0
  const limitV = lowV ?? usual.find(({ fromV, toV }) => fromV <= v && v <= toV)?.lowV
  if (limitV === undefined) return null
  return v < limitV ? true : v >= WELL_ABOVE * limitV ? false : null
}

export interface BatteryWatch {
  /** Since when it has been low, to be told; null while it is not. `standingMs`: since when that stands. */
  sinceMs(device: string, battery: Battery, standingMs: AtMs | null): AtMs | null
}

/** Remembers the first low reading of each device until a second one has come. */
export function watchBatteries(): BatteryWatch {
  const firstLowMs = new Map<string, AtMs>()
  return {
    sinceMs(device, battery, standingMs) {
      const low = isLow(battery)
      if (low === false) firstLowMs.delete(device)
      if (standingMs !== null) return low === false ? null : standingMs
      if (low !== true) return null
      const firstMs = firstLowMs.get(device)
      if (firstMs === undefined) firstLowMs.set(device, battery.heardMs)
      return firstMs !== undefined && battery.heardMs > firstMs ? firstMs : null
    },
  }
}
