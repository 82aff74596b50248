/** A farm of the size that the budgets assume: 50 fields of five crops, 8 of them with a valve. */
import type { FarmPlan, FieldPlan, Place } from '../../firmware-sim/demo/co-operative.ts'

export const FIELDS = 50
export const VALVES = 8

type Kind = Pick<FieldPlan, 'kind' | 'crop' | 'variety' | 'plantedDay' | 'soil' | 'probeDepthsCm' | 'pests'>

const crops: readonly Kind[] = [
  {
    kind: 'upland',
    crop: 'soybean',
    variety: 'Enrei',
    plantedDay: '2026-06-02',
    soil: 'loam',
    probeDepthsCm: [15, 30, 60],
    pests: [{ insect: 'soybean-pod-borer', biofixDay: null }],
  },
  {
    kind: 'paddy',
    crop: 'rice',
    variety: 'Koshihikari',
    plantedDay: '2026-05-16',
    soil: 'clay-loam',
    probeDepthsCm: [],
    pests: [],
  },
  {
    kind: 'upland',
    crop: 'apple',
    variety: 'Fuji',
    plantedDay: '2026-04-12',
    soil: 'silt-loam',
    probeDepthsCm: [20, 40, 80],
    pests: [{ insect: 'codling-moth', biofixDay: '2026-07-03' }],
  },
  {
    kind: 'upland',
    crop: 'maize',
    variety: null,
    plantedDay: '2026-05-12',
    soil: 'loam',
    probeDepthsCm: [20, 50],
    pests: [],
  },
  {
    kind: 'upland',
    crop: 'tomato',
    variety: 'Momotaro',
    plantedDay: '2026-05-24',
    soil: 'sandy-loam',
    probeDepthsCm: [10, 25],
    pests: [],
  },
]

const HOUR = 60

const field = (index: number): FieldPlan => ({
  ...crops[index % crops.length]!,
  id: `field-${index + 1}`,
  name: `Field ${index + 1}`,
  areaM2: 1_500 + 100 * (index % 9),
  zone: {
    mode: 'approve',
    method: 'sprinkler',
    rateMmH: 8,
    efficiency: 0.8,
    madFraction: null,
    windowFromMin: 4 * HOUR,
    windowToMin: 10 * HOUR,
    maxMinutes: 4 * HOUR,
    maxDepthMm: 40,
  },
})

const farm: FarmPlan = {
  id: 'farm-1',
  name: 'Fifty',
  memberCode: null,
  hasStation: true,
  hasLeafSensor: true,
  pump: { name: 'Pump 1', capacityLpm: 1_500, maxOpenValves: 3, dailyM3: null },
  fields: Array.from({ length: FIELDS }, (_, index) => field(index)),
}

export const fiftyFields: Place = {
  org: 'fifty',
  name: 'Fifty fields',
  timeZone: 'Asia/Tokyo',
  latDeg: 37.4,
  lonDeg: 138.9,
  elevationM: 40,
  windHeightM: 2,
  farms: [farm],
}

/** Only the first fields have a valve. */
export const hasValve = (fieldId: string): boolean => Number(fieldId.slice('field-'.length)) <= VALVES
