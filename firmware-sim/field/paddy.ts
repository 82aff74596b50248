/**
 * A paddy: water stands between bunds over a puddled, almost tight pan. Above the surface the level is the
 * water itself; below it the soil gives back only what its large pores hold, so the level falls fast. mm.
 *
 * Water leaves over the board of the outlet like over any weir (h^1.5), through an open gate or a board that was taken out
 * like through any hole (h^0.5), through a hole in the bund while water stands, and over the bund when all else fails.
 */
export interface PaddyFluxes {
  waterMm: number
  /** over the board */
  overflowMm: number
  /** through the gate, or where the board was taken out */
  drainedMm: number
  /** over the bund: it washes the bund away */
  overBundMm: number
  leakMm: number
  percolationMm: number
  evaporationMm: number
}

export interface Paddy {
  step(ms: number, demand: { waterMm: number; evapotranspirationMm: number }): PaddyFluxes
  /** mm above (+) or below (-) the soil surface. */
  levelMm(): number
  /** Water against a soil that is just full, mm: what the balance counts. */
  storageMm(): number
  /** Fraction of its water demand that the rice can take up, 0-1. */
  uptakeShare(): number
  /** Water content of the root zone, m3/m3. */
  vwc(): number
  /** A person sets the outlet's board; mm above the surface, below 0 takes it out. */
  setOutlet(levelMm: number): void
  /** A motor opens or closes the gate next to the board. */
  setGate(isOpen: boolean): void
  /** A muskrat's hole: mm a day at 50 mm of water. */
  setLeak(mmDay: number): void
}

export interface PaddyOptions {
  startLevelMm?: number
  percolationMmDay?: number
  outletMm?: number
  /** top of the bund above the surface */
  bundMm?: number
  /** how fast the gate lets out 50 mm of water, mm/h: a 15 cm pipe under 3,000 m2 */
  gateMmH?: number
  /** how fast water 100 mm above the board leaves, mm/h: a weir of 0.6 m under 3,000 m2 (1.84 b h^1.5) */
  weirMmH?: number
}

/** drainable pores of puddled clay */
const SPECIFIC_YIELD = 0.06
const SATURATION = 0.55
const ROOT_ZONE_MM = 300
/** below this the pan cracks and the rice has water stress (safe AWD is -150 mm; Bouman et al. 2007) */
const STRESS_FROM_MM = -200
const DEEPEST_MM = -900
const DAY_H = 24
const MAX_STEP_MS = 600_000

export function paddy({
  startLevelMm = 30,
  percolationMmDay = 8,
  outletMm = 80,
  bundMm = 300,
  gateMmH = 14,
  weirMmH = 42,
}: PaddyOptions = {}): Paddy {
  let storage = startLevelMm >= 0 ? startLevelMm : startLevelMm * SPECIFIC_YIELD
  let outlet = outletMm
  let isGateOpen = false
  let leakMmDay = 0
  const level = () => (storage >= 0 ? storage : storage / SPECIFIC_YIELD)
  const stress = () => Math.min(1, Math.max(0, (STRESS_FROM_MM - level()) / (STRESS_FROM_MM - DEEPEST_MM)))
  const take = (mm: number): number => {
    storage -= mm
    return mm
  }

  return {
    step(ms, { waterMm, evapotranspirationMm }) {
      const hours = ms / 3_600_000
      storage += waterMm
      const floor = DEEPEST_MM * SPECIFIC_YIELD
      const left = () => Math.max(0, storage - floor)
      // the pressure of the pond drives percolation (Darcy over a 25 cm pan); without a pond it fades
      const head = level()
      const perDay =
        percolationMmDay * (head >= 0 ? 1 + head / 250 : Math.max(0, 1 - head / DEEPEST_MM) ** 2 * 0.5)
      const percolationMm = take(Math.min((perDay * hours) / DAY_H, left()))
      const evaporationMm = take(Math.min(evapotranspirationMm * (1 - stress()), left()))
      // what leaves together leaves in short turns, or the first would have it all
      const turns = Math.ceil(ms / MAX_STEP_MS)
      const isOpen = isGateOpen || outlet < 0
      let [leakMm, overflowMm, drainedMm] = [0, 0, 0]
      for (let turn = 0; turn < turns; turn++) {
        const h = hours / turns
        leakMm += take(throughHole(Math.max(0, storage), leakMmDay / DAY_H, h))
        if (outlet >= 0) overflowMm += take(overWeir(Math.max(0, storage - outlet), weirMmH, h))
        if (isOpen) drainedMm += take(throughHole(Math.max(0, storage), gateMmH, h))
      }
      const overBundMm = take(Math.max(0, storage - bundMm))
      return { waterMm, overflowMm, drainedMm, overBundMm, leakMm, percolationMm, evaporationMm }
    },
    levelMm: level,
    storageMm: () => storage,
    uptakeShare: () => 1 - stress(),
    vwc: () => SATURATION + Math.min(0, storage) / ROOT_ZONE_MM,
    setOutlet: (levelMm) => void (outlet = levelMm),
    setGate: (isOpen) => void (isGateOpen = isOpen),
    setLeak: (mmDay) => void (leakMmDay = mmDay),
  }
}

const HOLE_HEAD_MM = 50
const WEIR_HEAD_MM = 100

/** mm that leave through a hole at the surface: dh/dt = -k h^0.5, solved. */
function throughHole(headMm: number, mmH: number, hours: number): number {
  const k = mmH / Math.sqrt(HOLE_HEAD_MM)
  return headMm - Math.max(0, Math.sqrt(headMm) - (k * hours) / 2) ** 2
}

/** mm that leave over a weir: dh/dt = -k h^1.5, solved. */
function overWeir(headMm: number, mmH: number, hours: number): number {
  if (headMm <= 0) return 0
  const k = mmH / WEIR_HEAD_MM ** 1.5
  return headMm - (headMm ** -0.5 + (k * hours) / 2) ** -2
}
