/**
 * Last season's harvest of each field of the demonstration, by its load tickets. Invented, in amounts that are usual
 * on a rice plain in Japan.
 */
import type { Day } from '../../broker/contract/time.ts'
import type { CropName } from '../field/crop-kinds.ts'

export interface PastSeason {
  fieldId: string
  crop: CropName
  variety: string | null
  plantedDay: Day
  form: 'brown-rice' | 'grain' | 'fresh'
  kg10a: number // as weighed, at `basePct`
  basePct: number | null // moisture basis of the yield; null: as weighed
  loads: readonly (readonly [day: Day, moisturePct: number | null])[] // null: not measured
}

const paddy = { crop: 'rice', form: 'brown-rice', basePct: 15 } as const
const beans = { crop: 'soybean', form: 'grain', basePct: 15 } as const
const maize = { crop: 'maize', variety: null, form: 'grain', basePct: 15.5 } as const
const fruit = { form: 'fresh', basePct: null } as const
const unmeasuredLoads = (...days: Day[]): PastSeason['loads'] => days.map((day) => [day, null] as const)

export const lastSeason: readonly PastSeason[] = [
  {
    ...paddy,
    fieldId: 'paddy-3',
    variety: 'Koshihikari',
    plantedDay: '2025-05-14',
    kg10a: 538,
    loads: [
      ['2025-09-18', 14.8],
      ['2025-09-19', 14.6],
    ],
  },
  {
    ...paddy,
    fieldId: 'paddy-7',
    variety: 'Koshihikari',
    plantedDay: '2025-05-16',
    kg10a: 529,
    loads: [
      ['2025-09-20', 14.7],
      ['2025-09-21', 14.9],
    ],
  },
  {
    ...paddy,
    fieldId: 'paddy-8',
    variety: 'Koshiibuki',
    plantedDay: '2025-05-10',
    kg10a: 521,
    loads: [
      ['2025-09-08', 14.5],
      ['2025-09-09', 14.6],
    ],
  },
  {
    ...paddy,
    fieldId: 'paddy-11',
    variety: 'Koshiibuki',
    plantedDay: '2025-05-12',
    kg10a: 506,
    loads: [['2025-09-11', 14.6]],
  },
  {
    ...beans,
    fieldId: 'north-3',
    variety: 'Satonohohoemi',
    plantedDay: '2025-05-30',
    kg10a: 206,
    loads: [
      ['2025-10-18', 15.6],
      ['2025-10-19', 15.2],
    ],
  },
  {
    // no moisture tester on the second day: the report lists the missing value
    ...beans,
    fieldId: 'hill-2',
    variety: 'Enrei',
    plantedDay: '2025-06-04',
    kg10a: 184,
    loads: [
      ['2025-10-22', 16.1],
      ['2025-10-24', null],
    ],
  },
  {
    ...maize,
    fieldId: 'shrine-east',
    plantedDay: '2025-05-10',
    kg10a: 742,
    loads: [
      ['2025-09-26', 24.1],
      ['2025-09-27', 23.2],
    ],
  },
  {
    ...maize,
    fieldId: 'west-9',
    plantedDay: '2025-05-13',
    kg10a: 781,
    loads: [
      ['2025-09-29', 22.8],
      ['2025-09-30', 22.4],
    ],
  },
  {
    ...fruit,
    crop: 'apple',
    fieldId: 'orchard-up',
    variety: 'Fuji',
    plantedDay: '2025-04-14',
    kg10a: 2650,
    loads: unmeasuredLoads('2025-11-04', '2025-11-08', '2025-11-12'),
  },
  {
    ...fruit,
    crop: 'apple',
    fieldId: 'orchard-low',
    variety: 'Tsugaru',
    plantedDay: '2025-04-12',
    kg10a: 2280,
    loads: unmeasuredLoads('2025-09-02', '2025-09-06'),
  },
  {
    ...fruit,
    crop: 'tomato',
    fieldId: 'terrace',
    variety: 'Momotaro',
    plantedDay: '2025-05-22',
    kg10a: 6900,
    loads: unmeasuredLoads('2025-07-28', '2025-08-18', '2025-09-10'),
  },
  {
    ...fruit,
    crop: 'tomato',
    fieldId: 'river-bend',
    variety: 'Momotaro',
    plantedDay: '2025-05-25',
    kg10a: 6400,
    loads: unmeasuredLoads('2025-07-30', '2025-08-20', '2025-09-12'),
  },
]
