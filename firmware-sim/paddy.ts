/**
 * A paddy: water stands between bunds over a puddled, almost tight pan. Above the surface the level is the
 * water itself; below it the soil gives back only what its large pores hold, so the level falls fast. mm.
 */
export interface PaddyFluxes {
  waterMm: number
  overflowMm: number
  percolationMm: number
  evaporationMm: number
}

export interface Paddy {
  step(ms: number, demand: { waterMm: number; evapotranspirationMm: number }): PaddyFluxes
  /** mm above (+) or below (-) the soil surface. */
  levelMm(): number
  /** Water against a soil that is just full, mm: what the balance counts. */
  storageMm(): number
  /** How much of what it wants the rice can drink, 0-1. */
  drunk(): number
  /** Water content of the root zone, m3/m3. */
  vwc(): number
  /** A person sets the outlet's board; mm above the surface, below 0 to drain the field. */
  setOutlet(levelMm: number): void
}

/** drainable pores of puddled clay */
const SPECIFIC_YIELD = 0.06
const SATURATION = 0.55
const ROOT_ZONE_MM = 300
/** below this the pan has cracks and the rice thirsts (safe AWD is -150 mm; Bouman et al. 2007) */
const THIRST_FROM_MM = -200
const DEEPEST_MM = -900

export function paddy({
  startLevelMm = 30,
  percolationMmDay = 8,
  outletMm = 80,
}: { startLevelMm?: number; percolationMmDay?: number; outletMm?: number } = {}): Paddy {
  let storage = startLevelMm >= 0 ? startLevelMm : startLevelMm * SPECIFIC_YIELD
  let outlet = outletMm
  const level = () => (storage >= 0 ? storage : storage / SPECIFIC_YIELD)
  const thirst = () => Math.min(1, Math.max(0, (THIRST_FROM_MM - level()) / (THIRST_FROM_MM - DEEPEST_MM)))

  return {
    step(ms, { waterMm, evapotranspirationMm }) {
      const days = ms / 86_400_000
      storage += waterMm
      // the pressure of the pond drives percolation (Darcy over a 25 cm pan); without a pond it fades
      const head = level()
      const perDay =
        percolationMmDay * (head >= 0 ? 1 + head / 250 : Math.max(0, 1 - head / DEEPEST_MM) ** 2 * 0.5)
      const floor = DEEPEST_MM * SPECIFIC_YIELD
      const percolationMm = Math.min(perDay * days, Math.max(0, storage - floor))
      storage -= percolationMm
      const evaporationMm = Math.min(evapotranspirationMm * (1 - thirst()), Math.max(0, storage - floor))
      storage -= evaporationMm
      // over the board it is gone within the step; a board below the surface lets only the pond out, in half a day
      const above = Math.max(0, storage - Math.max(0, outlet))
      const overflowMm = outlet >= 0 ? above : Math.min(above, storage * Math.min(1, days / 0.5))
      storage -= overflowMm
      return { waterMm, overflowMm, percolationMm, evaporationMm }
    },
    levelMm: level,
    storageMm: () => storage,
    drunk: () => 1 - thirst(),
    vwc: () => SATURATION + Math.min(0, storage) / ROOT_ZONE_MM,
    setOutlet: (levelMm) => void (outlet = levelMm),
  }
}
