/** The true state of one field: its soil or its pond, its crop, and the account of every millimetre in and out. */
import { addDays, DAY_MS, dayOf, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { crop, type Crop } from './crop.ts'
import { cropKinds, type CropName } from './crop-kinds.ts'
import { paddy } from './paddy.ts'
import { soilColumn, type Horizon } from './soil.ts'
import { soils, type SoilName } from './soils.ts'
import type { Weather } from '../weather/weather.ts'

export interface FieldOptions {
  id: string
  kind: 'upland' | 'paddy'
  areaM2: number
  crop: CropName
  plantedDay: Day
  /** an even soil, or horizons from the surface down; a paddy needs none */
  soil: SoilName | readonly Horizon[]
  /** suction of the whole column at the start, m of water (default: field capacity) */
  startSuctionM?: number
  /** a paddy's start */
  startLevelMm?: number
  percolationMmDay?: number
  outletMm?: number
  bundMm?: number
  gateMmH?: number
  /** under glass or film: rain stays out */
  isCovered?: boolean
  /** share of the water from a valve that reaches the soil (default: all of it) */
  arrivingShare?: number
}

/** Totals since the start, mm. Always `storageMm` = `startStorageMm` + in - out. */
export interface WaterAccount {
  rainMm: number
  appliedMm: number
  runoffMm: number // of a paddy: over its board and its bund, and through its gate
  overBundMm: number // of the runoff
  drainageMm: number // of a paddy: including leakage
  lostMm: number // between the valve and the soil: wind, evaporation
  evaporationMm: number
  transpirationMm: number
  startStorageMm: number
  storageMm: number
}

export interface Surroundings {
  fromMs: AtMs
  toMs: AtMs
  rainMm: number
  appliedMm: number
  potentialMm: number // potential evapotranspiration of a short, wet sward
  tempC: number
  radiationWm2: number
}

export interface TrueField {
  options: FieldOptions
  step(surroundings: Surroundings): void
  vwcAt(depthM: number): number
  tensionKPaAt(depthM: number): number
  /** null for a field without ponded water */
  levelMm(): number | null
  setOutlet(levelMm: number): void
  setGate(isOpen: boolean): void
  setLeak(mmDay: number): void
  crop(): Crop
  account(): WaterAccount
  /** days on which the uptake was below nine tenths of the demand */
  stressDays(): number
}

/** ratio of bare wet soil to the sward */
const BARE_SOIL_RATIO = 1.05
const STRESSED_BELOW = 0.9

/** RangeError for an unknown crop or soil, or an area not above 0. */
export function trueField(options: FieldOptions, weather: Weather, startMs: AtMs): TrueField {
  const kind = cropKinds[options.crop]
  if (!kind)
    throw new RangeError(
      `field ${options.id}: crop must be one of ${Object.keys(cropKinds)}, got ${options.crop}`,
    )
  if (!(options.areaM2 > 0))
    throw new RangeError(`field ${options.id}: areaM2 must be above 0, got ${options.areaM2}`)
  const { arrivingShare = 1 } = options
  if (!(arrivingShare > 0 && arrivingShare <= 1))
    throw new RangeError(
      `field ${options.id}: arrivingShare must be above 0 and at most 1, got ${arrivingShare}`,
    )
  const ground = options.kind === 'paddy' ? paddyGround(options) : uplandGround(options)
  const { timeZone } = weather.site
  const plant = crop(kind)
  growBeforeStart(plant, options.plantedDay, weather, startMs)

  const sums = {
    rainMm: 0,
    appliedMm: 0,
    runoffMm: 0,
    overBundMm: 0,
    drainageMm: 0,
    lostMm: 0,
    evaporationMm: 0,
    transpirationMm: 0,
  }
  const startStorageMm = ground.storageMm()
  let today: Day = dayOf(startMs, timeZone)
  let dayEndMs = startOfDay(addDays(today, 1), timeZone)
  let demandSumMm = 0
  let uptakeSumMm = 0
  let stressDays = 0

  function closeDay(atMs: AtMs): void {
    // days with a demand below half a millimetre do not count
    if (demandSumMm > 0.5 && uptakeSumMm < STRESSED_BELOW * demandSumMm) stressDays++
    demandSumMm = uptakeSumMm = 0
    today = dayOf(atMs, timeZone)
    dayEndMs = startOfDay(addDays(today, 1), timeZone)
  }

  return {
    options,
    step(outdoors) {
      const arrivedMm = arrivingShare * outdoors.appliedMm
      const surroundings = {
        ...outdoors,
        appliedMm: arrivedMm,
        rainMm: options.isCovered ? 0 : outdoors.rainMm,
      }
      if (surroundings.fromMs >= dayEndMs) closeDay(surroundings.fromMs)
      const isPlanted = today >= options.plantedDay
      const cover = isPlanted ? plant.cover() : 0
      const demandMm = surroundings.potentialMm * kind.fullCoverKc * cover
      const fluxes = ground.step(surroundings, {
        transpirationMm: demandMm,
        evaporationMm: surroundings.potentialMm * BARE_SOIL_RATIO * (1 - cover),
        rootDepthM: Math.max(plant.rootDepthM(), 0.05),
        halfSuctionM: kind.halfSuctionM,
      })
      sums.rainMm += surroundings.rainMm
      sums.appliedMm += outdoors.appliedMm
      sums.lostMm += outdoors.appliedMm - arrivedMm
      sums.runoffMm += fluxes.runoffMm
      sums.overBundMm += fluxes.overBundMm ?? 0
      sums.drainageMm += fluxes.drainageMm
      sums.evaporationMm += fluxes.evaporationMm
      sums.transpirationMm += fluxes.transpirationMm
      demandSumMm += demandMm
      uptakeSumMm += fluxes.transpirationMm
      const uptake = demandMm > 0 ? Math.min(1, fluxes.transpirationMm / demandMm) : 1
      if (isPlanted)
        plant.grow(
          surroundings.toMs - surroundings.fromMs,
          surroundings.tempC,
          surroundings.radiationWm2,
          uptake,
        )
    },
    vwcAt: ground.vwcAt,
    tensionKPaAt: ground.tensionKPaAt,
    levelMm: ground.levelMm,
    setOutlet: ground.setOutlet,
    setGate: ground.setGate,
    setLeak: ground.setLeak,
    crop: () => plant,
    account: () => ({ ...sums, startStorageMm, storageMm: ground.storageMm() }),
    stressDays: () => stressDays,
  }
}

/** A crop planted before the start of the simulation has grown without water stress. */
function growBeforeStart(plant: Crop, plantedDay: Day, weather: Weather, startMs: AtMs): void {
  const startDay = dayOf(startMs, weather.site.timeZone)
  const from = plantedDay < weather.firstDay ? weather.firstDay : plantedDay
  for (let day = from; day < startDay; day = addDays(day, 1)) {
    const { tempMinC, tempMaxC, radiationMJm2 } = weather.day(day)
    plant.grow(DAY_MS, (tempMinC + tempMaxC) / 2, radiationMJm2 / 0.0864, 1)
  }
}

interface GroundDemand {
  transpirationMm: number
  evaporationMm: number
  rootDepthM: number
  halfSuctionM: number
}

interface Ground {
  step(
    surroundings: Surroundings,
    demand: GroundDemand,
  ): {
    runoffMm: number
    overBundMm?: number
    drainageMm: number
    evaporationMm: number
    transpirationMm: number
  }
  storageMm(): number
  vwcAt(depthM: number): number
  tensionKPaAt(depthM: number): number
  levelMm(): number | null
  setOutlet(levelMm: number): void
  setGate(isOpen: boolean): void
  setLeak(mmDay: number): void
}

function uplandGround({ id, soil, startSuctionM }: FieldOptions): Ground {
  const horizons = typeof soil === 'string' ? [{ toM: Infinity, soil: soils[soil] }] : soil
  if (horizons.length === 0 || horizons.some((horizon) => !horizon.soil))
    throw new RangeError(
      `field ${id}: soil must be one of ${Object.keys(soils)} or horizons, got ${String(soil)}`,
    )
  const noWater = () => {
    throw new RangeError(`field ${id}: only a paddy has an outlet`)
  }
  const column = soilColumn(horizons, startSuctionM === undefined ? {} : { startSuctionM })
  return {
    step: ({ fromMs, toMs, rainMm, appliedMm }, demand) =>
      column.step((toMs - fromMs) / 1000, { ...demand, waterMm: rainMm + appliedMm }),
    storageMm: column.storageMm,
    vwcAt: column.vwcAt,
    tensionKPaAt: column.tensionKPaAt,
    levelMm: () => null,
    setOutlet: noWater,
    setGate: noWater,
    setLeak: noWater,
  }
}

function paddyGround({ startLevelMm, percolationMmDay, outletMm, bundMm, gateMmH }: FieldOptions): Ground {
  const pond = paddy({
    ...(startLevelMm === undefined ? {} : { startLevelMm }),
    ...(percolationMmDay === undefined ? {} : { percolationMmDay }),
    ...(outletMm === undefined ? {} : { outletMm }),
    ...(bundMm === undefined ? {} : { bundMm }),
    ...(gateMmH === undefined ? {} : { gateMmH }),
  })
  return {
    step({ fromMs, toMs, rainMm, appliedMm }, { transpirationMm, evaporationMm }) {
      const demandMm = transpirationMm + evaporationMm
      const fluxes = pond.step(toMs - fromMs, { waterMm: rainMm + appliedMm, evapotranspirationMm: demandMm })
      const share = demandMm > 0 ? fluxes.evaporationMm / demandMm : 0
      return {
        runoffMm: fluxes.overflowMm + fluxes.drainedMm + fluxes.overBundMm,
        overBundMm: fluxes.overBundMm,
        drainageMm: fluxes.percolationMm + fluxes.leakMm,
        evaporationMm: evaporationMm * share,
        transpirationMm: transpirationMm * share,
      }
    },
    storageMm: pond.storageMm,
    vwcAt: pond.vwc,
    tensionKPaAt: () => Math.max(0, -pond.levelMm() / 1000) * 9.81,
    levelMm: pond.levelMm,
    setOutlet: pond.setOutlet,
    setGate: pond.setGate,
    setLeak: pond.setLeak,
  }
}
