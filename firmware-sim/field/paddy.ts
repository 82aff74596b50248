/**
 * A paddy: water stands between bunds over a puddled layer on an almost tight pan. Above the surface the level is the ponded
 * water; below it the pores of the puddled layer drain, so the level falls about three times as fast: 0 to -150 mm takes three to
 * five days, as with alternate wetting and drying (4-5 days without ponded water at Tuanlin, Belder et al. 2007). mm.
 *
 * Water leaves over the board of the outlet as over a weir (h^1.5), through an open gate or a removed board as through
 * an orifice (h^0.5), through a hole in the bund while water is ponded, and over the bund when it is full.
 */
export interface PaddyFluxes {
  waterMm: number
  /** over the board */
  overflowMm: number
  /** through the gate or the removed board */
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
  /** Water relative to a saturated soil without ponding, mm. */
  storageMm(): number
  /** Fraction of the water demand that the rice can take up, 0-1. */
  uptakeShare(): number
  /** Water content of the root zone, m3/m3. */
  vwc(): number
  /** A person sets the outlet's board, mm above the surface; below 0 removes it. */
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
  /** outflow of the gate at 50 mm of water, mm/h: a 15 cm pipe under 3,000 m2 */
  gateMmH?: number
  /** outflow over the board at 100 mm of head, mm/h: a weir of 0.6 m under 3,000 m2 (1.84 b h^1.5) */
  weirMmH?: number
}

/** Puddled clay: more pores than before (Sharma & De Datta 1986); its field capacity is that of clay, FAO-56 Table 19. */
const SATURATION = 0.55
const FIELD_CAPACITY = 0.36
const DRAINABLE_PORES = SATURATION - FIELD_CAPACITY
const ROOT_ZONE_MM = 300
/** of the puddled layer, whose lower end is the pan (Wopereis et al. 1992: 15 cm; 1994) */
const PUDDLED_MM = 250
/** Percolation inside rings over that of a whole puddled plot, which loses water under its bunds too (Kukal & Aggarwal 2002). */
const WITHOUT_SEEPAGE = 0.6
/** below this the pan cracks and the rice has water stress (safe AWD is -150 mm; Bouman et al. 2007) */
const STRESS_FROM_MM = -200
const DEEPEST_MM = -900
const DAY_H = 24
const MAX_STEP_MS = 600_000

/** Each step conserves water: storage changes by the water that came in minus all other fluxes. */
export function paddy({
  startLevelMm = 30,
  percolationMmDay = 8,
  outletMm = 80,
  bundMm = 300,
  gateMmH = 14,
  weirMmH = 42,
}: PaddyOptions = {}): Paddy {
  let storage = startLevelMm >= 0 ? startLevelMm : startLevelMm * DRAINABLE_PORES
  let outlet = outletMm
  let isGateOpen = false
  let leakMmDay = 0
  const level = () => (storage >= 0 ? storage : storage / DRAINABLE_PORES)
  const stress = () => Math.min(1, Math.max(0, (STRESS_FROM_MM - level()) / (STRESS_FROM_MM - DEEPEST_MM)))
  const withdraw = (mm: number): number => {
    storage -= mm
    return mm
  }

  return {
    step(ms, { waterMm, evapotranspirationMm }) {
      const hours = ms / 3_600_000
      storage += waterMm
      const floor = DEEPEST_MM * DRAINABLE_PORES
      const available = () => Math.max(0, storage - floor)
      // the water above the pan drives percolation (Darcy over the puddled layer): without a pond it falls from day to day
      // (Kukal & Sidhu 2004), and nothing seeps under the bunds
      const head = level()
      const share = head > 0 ? 1 : WITHOUT_SEEPAGE
      const perDay = percolationMmDay * share * Math.max(0, 1 + head / PUDDLED_MM)
      const percolationMm = withdraw(Math.min((perDay * hours) / DAY_H, available()))
      const evaporationMm = withdraw(Math.min(evapotranspirationMm * (1 - stress()), available()))
      // simultaneous outflows alternate in short steps, or the first would take all the water
      const stepCount = Math.ceil(ms / MAX_STEP_MS)
      const isOpen = isGateOpen || outlet < 0
      let [leakMm, overflowMm, drainedMm] = [0, 0, 0]
      for (let stepIndex = 0; stepIndex < stepCount; stepIndex++) {
        const h = hours / stepCount
        leakMm += withdraw(throughHole(Math.max(0, storage), leakMmDay / DAY_H, h))
        if (outlet >= 0) overflowMm += withdraw(overWeir(Math.max(0, storage - outlet), weirMmH, h))
        if (isOpen) drainedMm += withdraw(throughHole(Math.max(0, storage), gateMmH, h))
      }
      const overBundMm = withdraw(Math.max(0, storage - bundMm))
      return { waterMm, overflowMm, drainedMm, overBundMm, leakMm, percolationMm, evaporationMm }
    },
    levelMm: level,
    storageMm: () => storage,
    uptakeShare: () => 1 - stress(),
    vwc: () => SATURATION - DRAINABLE_PORES * Math.min(1, Math.max(0, -level()) / ROOT_ZONE_MM),
    setOutlet: (levelMm) => void (outlet = levelMm),
    setGate: (isOpen) => void (isGateOpen = isOpen),
    setLeak: (mmDay) => void (leakMmDay = mmDay),
  }
}

const HOLE_HEAD_MM = 50
const WEIR_HEAD_MM = 100

/** Outflow through a hole at the surface, mm: the solution of dh/dt = -k h^0.5. */
function throughHole(headMm: number, mmH: number, hours: number): number {
  const k = mmH / Math.sqrt(HOLE_HEAD_MM)
  return headMm - Math.max(0, Math.sqrt(headMm) - (k * hours) / 2) ** 2
}

/** Outflow over a weir, mm: the solution of dh/dt = -k h^1.5. */
function overWeir(headMm: number, mmH: number, hours: number): number {
  if (headMm <= 0) return 0
  const k = mmH / WEIR_HEAD_MM ** 1.5
  return headMm - (headMm ** -0.5 + (k * hours) / 2) ** -2
}
