/**
 * A paddy: water stands between bunds over a puddled, almost tight pan. Above the surface the level is the ponded
 * water; below it only the large pores of the soil drain, so the level falls fast. mm.
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

/** drainable pores of puddled clay */
const SPECIFIC_YIELD = 0.06
const SATURATION = 0.55
const ROOT_ZONE_MM = 300
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
  let storage = startLevelMm >= 0 ? startLevelMm : startLevelMm * SPECIFIC_YIELD
  let outlet = outletMm
  let isGateOpen = false
  let leakMmDay = 0
  const level = () => (storage >= 0 ? storage : storage / SPECIFIC_YIELD)
  const stress = () => Math.min(1, Math.max(0, (STRESS_FROM_MM - level()) / (STRESS_FROM_MM - DEEPEST_MM)))
  const withdraw = (mm: number): number => {
    storage -= mm
    return mm
  }

  return {
    step(ms, { waterMm, evapotranspirationMm }) {
      const hours = ms / 3_600_000
      storage += waterMm
      const floor = DEEPEST_MM * SPECIFIC_YIELD
      const available = () => Math.max(0, storage - floor)
      // the pressure of the pond drives percolation (Darcy over a 25 cm pan); without a pond it fades
      const head = level()
      const perDay =
        percolationMmDay * (head >= 0 ? 1 + head / 250 : Math.max(0, 1 - head / DEEPEST_MM) ** 2 * 0.5)
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
    vwc: () => SATURATION + Math.min(0, storage) / ROOT_ZONE_MM,
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
