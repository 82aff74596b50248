/** The soil moisture sensors of a field: what their readings say of its water, and of themselves. */
import { meanMember, type RootsAt } from './ensemble-members.ts'
import { assimilateReading, unprobedAt } from './ensemble-reading.ts'
import { forgetReadings, type FieldEnsemble } from './field-ensemble.ts'
import { newProbe, observeProbe, type ProbeMemory, type ProbeSite } from './probe-trust.ts'

/** The water of a field as its sensors see it. */
export interface SensedWater extends RootsAt {
  ensemble: FieldEnsemble
  sensors: readonly SensorMemory[]
  /** days one after another on which every probe within the roots reads the wilting point */
  wiltingDays: number
  /** from this depth on groundwater may keep the soil wet */
  mayStayWetFromM: number
}

/** State of a sensor, to detect one that is stuck, biased, or does not follow the soil. */
export interface SensorMemory {
  id: string
  probe: ProbeMemory
  last: number | null
  isSilent: boolean // on the last day
  sameDays: number // the identical number again
  refusedDays: number // rejected as improbable
}

/** A sensor without readings. */
export const newSensor = (id: string): SensorMemory => ({
  id,
  probe: newProbe,
  last: null,
  isSilent: true,
  sameDays: 0,
  refusedDays: 0,
})

/** A note of a decision: the key alone, or with its parameters. */
export type DecisionNote = string | { key: string; params: Record<string, string | number> }

/** A value that does not change for so long is not the soil's. */
const STUCK_DAYS = 5
/** A sensor is reported after this number of rejected days. */
const CONTRADICTED_DAYS = 3

/** Water content by sensor, m³/m³; null or absent: silent. */
export type SensorReadings = Readonly<Record<string, number | null>> | null | undefined

/** Assimilates the readings of a day; adds notes on the sensors. */
export function assimilateSensors(water: SensedWater, readings: SensorReadings, notes: DecisionNote[]): void {
  const { ensemble } = water
  const probes = water.sensors.map(({ probe }) => probe)
  const read = water.sensors.map(({ id }) => {
    const reading = readings?.[id]
    const isPossible = reading != null && reading > 0 && reading < 1
    if (reading != null && !isPossible)
      notes.push({ key: 'reading-refused', params: { sensor: id, got: reading } })
    return isPossible ? reading : null
  })
  for (const i of fromTheTop(ensemble))
    if (read[i] != null)
      probes[i] = observeProbe(probes[i]!, siteOf(water, probes, i), unprobedAt(ensemble, i), read[i])
  // what wrong probes have changed is in doubt: all of it where they are half of the probes
  const newlyWrong = water.sensors.filter(
    ({ probe }, i) => probe.contradicts === null && probes[i]!.contradicts !== null,
  ).length
  const trusted = probes.filter(({ contradicts }) => contradicts === null).length
  if (newlyWrong > 0) forgetReadings(ensemble, Math.min(1, (2 * newlyWrong) / (newlyWrong + trusted)))
  let followed = 0
  water.sensors = water.sensors.map((before, i) => {
    const [vwc, probe] = [read[i]!, probes[i]!]
    const sensor = { ...before, probe, last: vwc ?? before.last, isSilent: vwc === null }
    const contradicted = (reason: string): void => {
      notes.push({ key: 'sensor-contradicted', params: { sensor: before.id, reason } })
    }
    if (probe.contradicts !== null) {
      contradicted(probe.contradicts)
      return { ...sensor, sameDays: 0, refusedDays: 0 }
    }
    if (vwc === null) return sensor
    const sameDays = before.last === vwc ? before.sameDays + 1 : 0
    if (sameDays >= STUCK_DAYS) {
      notes.push({ key: 'sensor-stuck', params: { sensor: before.id } })
      return { ...sensor, sameDays }
    }
    const isFollowed = assimilateReading(ensemble, i, vwc)
    const refusedDays = isFollowed ? 0 : before.refusedDays + 1
    if (refusedDays >= CONTRADICTED_DAYS) contradicted('improbable')
    if (isFollowed) followed++
    return { ...sensor, sameDays, refusedDays }
  })
  if (followed === 0) notes.push('no-soil-moisture')
  const isWilting = driestMm(water) !== null
  water.wiltingDays = isWilting ? water.wiltingDays + 1 : 0
}

/** Share of the capacity above the wilting point, within which a reading is at it. */
const AT_WILTING = 0.1

/**
 * Depletion of the soil down to the lowest of the probes within the roots, when all of them read the wilting point, mm; null: they
 * do not, or none was read.
 */
export function driestMm(water: SensedWater): number | null {
  const { ensemble, sensors } = water
  const { rootM } = meanMember(ensemble, water)
  const { layers, sensorDepthsM } = ensemble
  let lowestM = 0
  for (const [i, { last, isSilent, probe }] of sensors.entries()) {
    const depthM = sensorDepthsM[i]!
    if (isSilent || last === null || probe.contradicts !== null || depthM > rootM) continue
    const { fieldCapacity, wiltingPoint } = layers.find(({ toM }) => depthM <= toM) ?? layers.at(-1)!
    if (last > wiltingPoint + AT_WILTING * (fieldCapacity - wiltingPoint)) return null
    lowestM = Math.max(lowestM, depthM)
  }
  if (lowestM === 0) return null
  let [sumMm, fromM] = [0, 0]
  for (const { toM, fieldCapacity, wiltingPoint } of layers) {
    const thicknessM = Math.max(0, Math.min(toM, lowestM) - fromM)
    sumMm += 1000 * thicknessM * (1 - AT_WILTING) * (fieldCapacity - wiltingPoint)
    fromM = toM
  }
  return sumMm
}

const fromTheTop = ({ sensorDepthsM }: FieldEnsemble): number[] =>
  [...sensorDepthsM.keys()].sort((a, b) => sensorDepthsM[a]! - sensorDepthsM[b]!)

/** The soil at a sensor. */
function siteOf(
  { ensemble: { layers, sensorDepthsM }, mayStayWetFromM }: SensedWater,
  probes: readonly ProbeMemory[],
  sensor: number,
): ProbeSite {
  const depthM = sensorDepthsM[sensor]!
  const { fieldCapacity, wiltingPoint } = layers.find(({ toM }) => depthM <= toM) ?? layers.at(-1)!
  const mayStayWet =
    depthM >= mayStayWetFromM ||
    probes.some(({ contradicts }, i) => sensorDepthsM[i]! < depthM && contradicts === null)
  return { fieldCapacity, wiltingPoint, mayStayWet }
}
