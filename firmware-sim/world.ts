/**
 * The surroundings of the devices: one weather, several fields. It advances on a fixed grid of time, so that the
 * result does not depend on the instants of the reads; water from a valve enters with the next step.
 */
import { addDays, dayOf, startOfDay, DAY_MS, type AtMs, type Day } from '../broker/contract/time.ts'
import { potentialMm } from './field/evaporation.ts'
import { trueField, type FieldOptions, type TrueField, type WaterAccount } from './field/field.ts'
import { insects, type InsectName, type Insects } from './field/insects.ts'
import type { Weather } from './weather/weather.ts'

export interface WorldOptions {
  weather: Weather
  fields: readonly FieldOptions[]
  startMs: AtMs
  seed: string
  /** grid of the physics; 10 min by default, up to an hour in fast-forward */
  stepMs?: number
}

export interface FieldSummary extends WaterAccount {
  field: string
  stage: string
  heatCd: number
  stressDays: number
  relativeYield: number
  levelMm: number | null
}

export interface World {
  weather: Weather
  fields: readonly string[]
  /** The instant that the world has reached. */
  nowMs(): AtMs
  /** Advances to the last step at or before `atMs`; never back. RangeError beyond the weather's last day. */
  advanceTo(atMs: AtMs): void
  /** m3/m3 */
  moistureAt(field: string, depthCm: number): number
  tensionKPaAt(field: string, depthCm: number): number
  soilTempC(depthCm: number): number
  /** Paddy water relative to the surface, mm; null for an upland field. */
  levelMm(field: string): number | null
  /** Water from a valve, mm over the whole field; it counts as applied at once. */
  addWater(field: string, mm: number): void
  /** A person sets the board of a paddy's outlet. */
  setOutlet(field: string, levelMm: number): void
  /** A motor opens or closes the gate next to it. */
  setGate(field: string, isOpen: boolean): void
  /** A hole in the bund. */
  setLeak(field: string, mmDay: number): void
  /** Running total of one trap's catches. */
  caughtUntil(field: string, species: InsectName, atMs: AtMs): number
  /** Potential evapotranspiration of a short sward in an interval, mm, by the world's own physics. */
  potentialMm(fromMs: AtMs, toMs: AtMs): number
  areaM2(field: string): number
  summary(field: string): FieldSummary
}

/** RangeError when a field is named twice or the weather does not cover the start. */
export function createWorld({ weather, fields, startMs, seed, stepMs = 600_000 }: WorldOptions): World {
  weather.day(dayOf(startMs, weather.site.timeZone))
  const trueFields = new Map<string, TrueField>()
  for (const options of fields) {
    if (trueFields.has(options.id)) throw new RangeError(`field ${options.id} stands twice in the world`)
    trueFields.set(options.id, trueField(options, weather, startMs))
  }
  const pendingMm = new Map<string, number>() // mm applied since the last step
  const traps = new Map<string, Insects>()
  const ground = soilTemperatures(weather, startMs)
  const endMs =
    weather.lastDay === null ? Infinity : startOfDay(addDays(weather.lastDay, 1), weather.site.timeZone)
  let nowMs = startMs

  const fieldOf = (id: string): TrueField => {
    const field = trueFields.get(id)
    if (!field)
      throw new RangeError(`no field ${id} in this world: it has ${[...trueFields.keys()].join(', ')}`)
    return field
  }

  function step(toMs: AtMs): void {
    const fromMs = nowMs
    const surroundings = {
      fromMs,
      toMs,
      rainMm: weather.rainMm(fromMs, toMs),
      potentialMm: potentialMm(weather, fromMs, toMs),
      tempC: weather.at((fromMs + toMs) / 2).tempC,
      radiationWm2: weather.mean(fromMs, toMs).radiationWm2,
    }
    for (const [id, field] of trueFields) {
      field.step({ ...surroundings, appliedMm: pendingMm.get(id) ?? 0 })
      pendingMm.delete(id)
    }
    ground.step(toMs - fromMs, surroundings.tempC)
    nowMs = toMs
  }

  function trapOf(field: string, species: InsectName): Insects {
    const key = `${field}/${species}`
    let trap = traps.get(key)
    if (!trap) {
      const januaryFirst: Day = `${dayOf(startMs, weather.site.timeZone).slice(0, 4)}-01-01`
      const firstDay = januaryFirst < weather.firstDay ? weather.firstDay : januaryFirst
      traps.set(key, (trap = insects(species, weather, firstDay, `${seed}/${field}`)))
    }
    return trap
  }

  return {
    weather,
    fields: [...trueFields.keys()],
    nowMs: () => nowMs,
    advanceTo(atMs) {
      if (atMs > endMs) throw new RangeError(`${weather.name} ends on ${weather.lastDay}`)
      for (let next = nextGridStep(nowMs, stepMs); next <= atMs; next = nextGridStep(nowMs, stepMs))
        step(next)
    },
    moistureAt: (field, depthCm) => fieldOf(field).vwcAt(depthCm / 100),
    tensionKPaAt: (field, depthCm) => fieldOf(field).tensionKPaAt(depthCm / 100),
    soilTempC: (depthCm) => ground.tempC(depthCm),
    levelMm: (field) => fieldOf(field).levelMm(),
    addWater(field, mm) {
      if (!(mm >= 0)) throw new RangeError(`water must be 0 mm or more, got ${mm}`)
      fieldOf(field)
      pendingMm.set(field, (pendingMm.get(field) ?? 0) + mm)
    },
    setOutlet: (field, levelMm) => fieldOf(field).setOutlet(levelMm),
    setGate: (field, isOpen) => fieldOf(field).setGate(isOpen),
    setLeak: (field, mmDay) => fieldOf(field).setLeak(mmDay),
    caughtUntil: (field, species, atMs) => trapOf(field, species).caughtUntil(atMs),
    potentialMm: (fromMs, toMs) => potentialMm(weather, fromMs, toMs),
    areaM2: (field) => fieldOf(field).options.areaM2,
    summary(id) {
      const field = fieldOf(id)
      const account = field.account()
      const waitingMm = pendingMm.get(id) ?? 0
      return {
        ...account,
        // applied and not yet infiltrated: ponded on the field
        appliedMm: account.appliedMm + waitingMm,
        storageMm: account.storageMm + waitingMm,
        field: id,
        stage: field.crop().stage(),
        heatCd: field.crop().heatCd(),
        stressDays: field.stressDays(),
        relativeYield: field.crop().relativeYield(),
        levelMm: field.levelMm(),
      }
    },
  }
}

const nextGridStep = (atMs: AtMs, stepMs: number): AtMs => (Math.floor(atMs / stepMs) + 1) * stepMs

/** Soil temperature as a chain of low-pass filters of the air temperature (a damped, delayed wave; Hillel 1998). */
function soilTemperatures(weather: Weather, startMs: AtMs) {
  const depthsCm = [5, 10, 20, 30, 50, 100]
  const today = weather.day(dayOf(startMs, weather.site.timeZone))
  const mean = (today.tempMinC + today.tempMaxC) / 2
  const tempsC = depthsCm.map(() => mean)
  const slownessMs = depthsCm.map((z) => 0.25 * DAY_MS * (z / 10) ** 1.7)
  return {
    step(ms: number, airC: number): void {
      for (const [i, slowMs] of slownessMs.entries())
        tempsC[i] = tempsC[i]! + (airC - tempsC[i]!) * (1 - Math.exp(-ms / slowMs))
    },
    tempC(depthCm: number): number {
      const j = depthsCm.findIndex((z) => z >= depthCm)
      if (j <= 0) return tempsC[j === 0 ? 0 : depthsCm.length - 1]!
      const share = (depthCm - depthsCm[j - 1]!) / (depthsCm[j]! - depthsCm[j - 1]!)
      return tempsC[j - 1]! * (1 - share) + tempsC[j]! * share
    },
  }
}
