/**
 * The demonstration: an invented co-operative on a rice plain in Japan, four member farms and twelve fields. This file
 * has the data that its people know; the true behaviour of the soil is in the simulated world.
 */
import type { CropName } from '../field/crop-kinds.ts'
import type { InsectName } from '../field/insects.ts'
import type { SoilName } from '../field/soils.ts'
import type { Day } from '../../broker/contract/time.ts'

export interface Place {
  org: string
  name: string
  timeZone: string
  latDeg: number
  lonDeg: number
  elevationM: number
  windHeightM: number
  farms: FarmPlan[]
}

export interface FarmPlan {
  id: string
  name: string
  memberCode: string | null
  hasStation: boolean
  hasLeafSensor?: boolean // a leaf sensor on its station; without one leaf wetness is estimated
  pump: { name: string; capacityLpm: number; maxOpenValves: number; dailyM3: number | null }
  fields: FieldPlan[]
}

export interface FieldPlan {
  id: string
  name: string
  kind: 'upland' | 'paddy'
  crop: CropName
  variety: string | null
  plantedDay: Day
  areaM2: number
  soil: SoilName
  percolationMmDay?: number
  headingCd?: number // °C·d to heading; only for a variety without a default
  pastKg10a?: Record<number, number> // brown rice of 15 % moisture, by year; the last year's is in diary-last-season.ts
  zone: {
    mode: 'off' | 'advise' | 'approve' | 'auto'
    method: 'sprinkler' | 'drip' | 'flood'
    rateMmH: number // gross
    efficiency: number
    windowFromMin: number
    windowToMin: number
    maxMinutes: number
    maxDepthMm: number
    madFraction: number | null
  }
  probeDepthsCm: number[] // empty: a paddy, or a field without a probe
  pests: { insect: InsectName; biofixDay: Day | null }[] // null: counted in the trap only, without a heat model
}

const HOUR = 60
const night = { windowFromMin: 19 * HOUR, windowToMin: 9 * HOUR }
const morning = { windowFromMin: 4 * HOUR, windowToMin: 10 * HOUR }

const sprinkler = (mode: FieldPlan['zone']['mode'], rateMmH = 8.3): FieldPlan['zone'] => ({
  ...night,
  mode,
  method: 'sprinkler',
  rateMmH,
  efficiency: 0.8,
  maxMinutes: 4 * HOUR,
  maxDepthMm: 40,
  madFraction: null,
})
const drip = (mode: FieldPlan['zone']['mode'], rateMmH = 4): FieldPlan['zone'] => ({
  ...morning,
  mode,
  method: 'drip',
  rateMmH,
  efficiency: 0.9,
  maxMinutes: 5 * HOUR,
  maxDepthMm: 25,
  madFraction: 0.35,
})
const inlet = (mode: FieldPlan['zone']['mode']): FieldPlan['zone'] => ({
  windowFromMin: 3 * HOUR,
  windowToMin: 10 * HOUR,
  mode,
  method: 'flood',
  rateMmH: 12,
  efficiency: 1,
  maxMinutes: 6 * HOUR,
  maxDepthMm: 80,
  madFraction: null,
})

const paddy = (
  id: string,
  name: string,
  variety: string,
  plantedDay: Day,
  areaM2: number,
  percolationMmDay: number,
  mode: FieldPlan['zone']['mode'],
): FieldPlan => ({
  id,
  name,
  kind: 'paddy',
  crop: 'rice',
  variety,
  plantedDay,
  areaM2,
  soil: 'clay-loam',
  percolationMmDay,
  zone: inlet(mode),
  probeDepthsCm: [],
  pests: [],
})

/** The adviser counts the moths of the third flight separately, from its first catches. */
const SUMMER_FLIGHT = '2026-07-03'

export const coOperative: Place = {
  org: 'shinano-hills',
  name: 'Shinano Hills co-operative',
  timeZone: 'Asia/Tokyo',
  latDeg: 37.4,
  lonDeg: 138.9,
  elevationM: 40,
  windHeightM: 2,
  farms: [
    {
      id: 'farm-sato',
      name: 'Sato',
      memberCode: '0412-0031',
      hasStation: true,
      pump: { name: 'Canal pump', capacityLpm: 1500, maxOpenValves: 3, dailyM3: null },
      fields: [
        {
          ...paddy('paddy-3', 'Paddy 3', 'Koshihikari', '2026-05-14', 2800, 12, 'auto'),
          pastKg10a: { 2024: 512 },
        },
        {
          ...paddy('paddy-7', 'Paddy 7', 'Koshihikari', '2026-05-16', 3100, 16, 'auto'),
          pastKg10a: { 2024: 547 },
        },
        {
          id: 'north-3',
          name: 'North 3',
          kind: 'upland',
          crop: 'soybean',
          variety: 'Satonohohoemi',
          plantedDay: '2026-05-28',
          areaM2: 2400,
          soil: 'sandy-loam',
          zone: sprinkler('auto'),
          probeDepthsCm: [15, 30, 60],
          pests: [{ insect: 'soybean-pod-borer', biofixDay: null }],
        },
      ],
    },
    {
      id: 'farm-mori',
      name: 'Mori',
      memberCode: '0412-0032',
      hasStation: false,
      pump: { name: 'Well 1', capacityLpm: 1000, maxOpenValves: 2, dailyM3: 400 },
      fields: [
        {
          ...paddy('paddy-8', 'Paddy 8', 'Koshiibuki', '2026-05-10', 2500, 10, 'auto'),
          pastKg10a: { 2024: 496 },
        },
        // rice for silage after barley: late, so that its mid-season drainage falls in the flowering of the others
        {
          ...paddy('paddy-11', 'Paddy 11', 'Tachisuzuka', '2026-07-05', 1900, 14, 'approve'),
          headingCd: 1350,
        },
        {
          id: 'hill-2',
          name: 'Hill 2',
          kind: 'upland',
          crop: 'soybean',
          variety: 'Enrei',
          plantedDay: '2026-06-02',
          areaM2: 1600,
          soil: 'loam',
          // due early, so that its proposal waits for a person
          zone: { ...sprinkler('approve'), madFraction: 0.15 },
          probeDepthsCm: [15, 30, 60],
          pests: [],
        },
        {
          id: 'shrine-east',
          name: 'Shrine east',
          kind: 'upland',
          crop: 'maize',
          variety: null,
          plantedDay: '2026-05-08',
          areaM2: 2000,
          soil: 'silt-loam',
          zone: sprinkler('auto', 7),
          probeDepthsCm: [20, 50],
          pests: [{ insect: 'corn-earworm', biofixDay: '2026-05-20' }],
        },
      ],
    },
    {
      id: 'farm-takahashi',
      name: 'Takahashi',
      memberCode: '0412-0057',
      hasStation: true,
      hasLeafSensor: true,
      pump: { name: 'Orchard pump', capacityLpm: 400, maxOpenValves: 2, dailyM3: 120 },
      fields: [
        {
          id: 'orchard-up',
          name: 'Upper orchard',
          kind: 'upland',
          crop: 'apple',
          variety: 'Fuji',
          plantedDay: '2026-04-12',
          areaM2: 2200,
          soil: 'loam',
          zone: drip('auto', 3),
          probeDepthsCm: [20, 40, 80],
          pests: [{ insect: 'oriental-fruit-moth', biofixDay: SUMMER_FLIGHT }],
        },
        {
          id: 'orchard-low',
          name: 'Lower orchard',
          kind: 'upland',
          crop: 'apple',
          variety: 'Tsugaru',
          plantedDay: '2026-04-10',
          areaM2: 1800,
          soil: 'clay-loam',
          zone: drip('advise', 3),
          probeDepthsCm: [],
          pests: [{ insect: 'oriental-fruit-moth', biofixDay: SUMMER_FLIGHT }],
        },
        {
          id: 'terrace',
          name: 'Terrace',
          kind: 'upland',
          crop: 'tomato',
          variety: 'Momotaro',
          plantedDay: '2026-05-20',
          areaM2: 1200,
          soil: 'sandy-loam',
          zone: drip('auto'),
          probeDepthsCm: [10, 25],
          pests: [],
        },
      ],
    },
    {
      id: 'farm-ito',
      name: 'Ito',
      memberCode: '0412-0108',
      hasStation: false,
      pump: { name: 'River pump', capacityLpm: 900, maxOpenValves: 2, dailyM3: null },
      fields: [
        {
          id: 'river-bend',
          name: 'River bend',
          kind: 'upland',
          crop: 'tomato',
          variety: 'Momotaro',
          plantedDay: '2026-05-24',
          areaM2: 1400,
          soil: 'sandy-loam',
          zone: drip('auto'),
          probeDepthsCm: [10, 25],
          pests: [],
        },
        {
          id: 'west-9',
          name: 'West 9',
          kind: 'upland',
          crop: 'maize',
          variety: null,
          plantedDay: '2026-05-12',
          areaM2: 2600,
          soil: 'loam',
          zone: sprinkler('auto', 7.5),
          probeDepthsCm: [20, 50],
          pests: [],
        },
      ],
    },
  ],
}
