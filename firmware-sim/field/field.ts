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
}

/** What came and went since the start, mm. `storageMm` now = `startStorageMm` + in - out, always. */
export interface WaterAccount {
  rainMm: number
  appliedMm: number
  runoffMm: number // of a paddy: over its board and its bund, and through its gate
  overBundMm: number // of the runoff
  drainageMm: number // of a paddy: with what leaks
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
  potentialMm: number // what a wet short sward would lose
  tempC: number
  radiationWm2: number
}

export interface TrueField {
  options: FieldOptions
  step(around: Surroundings): void
  vwcAt(depthM: number): number
  tensionKPaAt(depthM: number): number
  /** null where no water can stand to be gauged */
  levelMm(): number | null
  setOutlet(levelMm: number): void
  setGate(isOpen: boolean): void
  setLeak(mmDay: number): void
  crop(): Crop
  account(): WaterAccount
  /** days on which the crop drank less than nine tenths of what it wanted */
  stressDays(): number
}

/** bare wet soil against the sward */
const BARE_SOIL_RATIO = 1.05
const STRESSED_BELOW = 0.9

/** RangeError for a field that cannot be: an unknown crop or soil, an area that is not above 0. */
export function trueField(options: FieldOptions, weather: Weather, startMs: AtMs): TrueField {
  const kind = cropKinds[options.crop]
  if (!kind)
    throw new RangeError(
      `field ${options.id}: crop must be one of ${Object.keys(cropKinds)}, got ${options.crop}`,
    )
  if (!(options.areaM2 > 0))
    throw new RangeError(`field ${options.id}: areaM2 must be above 0, got ${options.areaM2}`)
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
    evaporationMm: 0,
    transpirationMm: 0,
  }
  const startStorageMm = ground.storageMm()
  let today: Day = dayOf(startMs, timeZone)
  let dayEndMs = startOfDay(addDays(today, 1), timeZone)
  let wantedMm = 0
  let drunkMm = 0
  let stressDays = 0

  function closeDay(atMs: AtMs): void {
    // below half a millimetre a day the leaves want nothing
    if (wantedMm > 0.5 && drunkMm < STRESSED_BELOW * wantedMm) stressDays++
    wantedMm = drunkMm = 0
    today = dayOf(atMs, timeZone)
    dayEndMs = startOfDay(addDays(today, 1), timeZone)
  }

  return {
    options,
    step(outdoors) {
      const around = options.isCovered ? { ...outdoors, rainMm: 0 } : outdoors
      if (around.fromMs >= dayEndMs) closeDay(around.fromMs)
      const isPlanted = today >= options.plantedDay
      const cover = isPlanted ? plant.cover() : 0
      const wanted = around.potentialMm * kind.fullCoverKc * cover
      const out = ground.step(around, {
        transpirationMm: wanted,
        evaporationMm: around.potentialMm * BARE_SOIL_RATIO * (1 - cover),
        rootDepthM: Math.max(plant.rootDepthM(), 0.05),
        halfSuctionM: kind.halfSuctionM,
      })
      sums.rainMm += around.rainMm
      sums.appliedMm += around.appliedMm
      sums.runoffMm += out.runoffMm
      sums.overBundMm += out.overBundMm ?? 0
      sums.drainageMm += out.drainageMm
      sums.evaporationMm += out.evaporationMm
      sums.transpirationMm += out.transpirationMm
      wantedMm += wanted
      drunkMm += out.transpirationMm
      const drunk = wanted > 0 ? Math.min(1, out.transpirationMm / wanted) : 1
      if (isPlanted) plant.grow(around.toMs - around.fromMs, around.tempC, around.radiationWm2, drunk)
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
    around: Surroundings,
    wants: GroundDemand,
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
  const none = () => {
    throw new RangeError(`field ${id}: only a paddy has an outlet`)
  }
  const column = soilColumn(horizons, startSuctionM === undefined ? {} : { startSuctionM })
  return {
    step: ({ fromMs, toMs, rainMm, appliedMm }, wants) =>
      column.step((toMs - fromMs) / 1000, { ...wants, waterMm: rainMm + appliedMm }),
    storageMm: column.storageMm,
    vwcAt: column.vwcAt,
    tensionKPaAt: column.tensionKPaAt,
    levelMm: () => null,
    setOutlet: none,
    setGate: none,
    setLeak: none,
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
      const wanted = transpirationMm + evaporationMm
      const out = pond.step(toMs - fromMs, { waterMm: rainMm + appliedMm, evapotranspirationMm: wanted })
      const share = wanted > 0 ? out.evaporationMm / wanted : 0
      return {
        runoffMm: out.overflowMm + out.drainedMm + out.overBundMm,
        overBundMm: out.overBundMm,
        drainageMm: out.percolationMm + out.leakMm,
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
