/**
 * This season's work on the fields of the demonstration, and the planned harvests. Invented, in amounts that are usual
 * on a rice plain in Japan.
 */
import type { Day } from '../../broker/contract/time.ts'
import type { WorkKind, WorkMaterial } from '../../services/tables.ts'

export interface DiaryWork {
  day: Day
  fields: readonly string[]
  kind: WorkKind
  material?: WorkMaterial
  kg10a?: number
  method?: string
  machine?: string
  operator: string
  note?: string
}

/** Rice is harvested when most of its husks are yellow. */
export const plannedHarvests: Readonly<Record<string, Day>> = {
  'paddy-3': '2026-09-18',
  'paddy-7': '2026-09-20',
  'paddy-8': '2026-09-09',
}

const BASAL = { name: 'Basal compound 14-14-14', nPct: 14, p2o5Pct: 14, k2oPct: 14 }
const EARS = { name: 'NK 17-0-17', nPct: 17, p2o5Pct: 0, k2oPct: 17 }
const BEANS = { name: 'Bean compound 3-10-10', nPct: 3, p2o5Pct: 10, k2oPct: 10 }
const UREA = { name: 'Urea', nPct: 46, p2o5Pct: 0, k2oPct: 0 }
const CAKE = { name: 'Rapeseed cake', nPct: 5.3, p2o5Pct: 2, k2oPct: 1 }
const COMPOST = { name: 'Cattle compost', nPct: 0.7, p2o5Pct: 0.8, k2oPct: 1 }
const LIME = { name: 'Magnesium lime', nPct: 0, p2o5Pct: 0, k2oPct: 0 }

/** In order of date. */
export const thisSeason: readonly DiaryWork[] = [
  {
    day: '2026-03-24',
    kind: 'organic',
    fields: ['orchard-up', 'orchard-low'],
    material: CAKE,
    kg10a: 120,
    operator: 'Takahashi Minoru',
  },
  {
    day: '2026-04-16',
    kind: 'tillage',
    fields: ['paddy-3', 'paddy-7', 'north-3'],
    machine: 'tractor, rotary 1.8 m',
    operator: 'Sato Kenji',
  },
  {
    day: '2026-04-20',
    kind: 'tillage',
    fields: ['paddy-8', 'hill-2'],
    machine: 'tractor, rotary 1.6 m',
    operator: 'Mori Noboru',
  },
  {
    day: '2026-05-02',
    kind: 'organic',
    fields: ['terrace'],
    material: COMPOST,
    kg10a: 2000,
    operator: 'Takahashi Minoru',
  },
  {
    day: '2026-05-04',
    kind: 'organic',
    fields: ['river-bend'],
    material: COMPOST,
    kg10a: 2000,
    operator: 'Ito Makoto',
  },
  {
    day: '2026-05-06',
    kind: 'fertiliser',
    fields: ['shrine-east'],
    material: BASAL,
    kg10a: 80,
    operator: 'Mori Noboru',
  },
  {
    day: '2026-05-06',
    kind: 'fertiliser',
    fields: ['paddy-8'],
    material: BASAL,
    kg10a: 25,
    operator: 'Mori Noboru',
  },
  {
    day: '2026-05-07',
    kind: 'puddling',
    fields: ['paddy-8'],
    machine: 'tractor, drive harrow',
    operator: 'Mori Noboru',
  },
  {
    day: '2026-05-09',
    kind: 'fertiliser',
    fields: ['paddy-3', 'paddy-7'],
    material: BASAL,
    kg10a: 25,
    method: 'broadcast',
    operator: 'Sato Kenji',
  },
  {
    day: '2026-05-10',
    kind: 'planting',
    fields: ['paddy-8'],
    machine: 'transplanter, 6 rows',
    operator: 'Mori Noboru',
    note: '60 hills a tsubo',
  },
  {
    day: '2026-05-10',
    kind: 'fertiliser',
    fields: ['west-9'],
    material: BASAL,
    kg10a: 80,
    operator: 'Ito Makoto',
  },
  {
    day: '2026-05-11',
    kind: 'puddling',
    fields: ['paddy-3', 'paddy-7'],
    machine: 'tractor, drive harrow',
    operator: 'Sato Kenji',
  },
  {
    day: '2026-05-14',
    kind: 'planting',
    fields: ['paddy-3'],
    machine: 'transplanter, 6 rows',
    operator: 'Sato Kenji',
    note: '50 hills a tsubo',
  },
  {
    day: '2026-05-16',
    kind: 'planting',
    fields: ['paddy-7'],
    machine: 'transplanter, 6 rows',
    operator: 'Sato Kenji',
    note: '50 hills a tsubo',
  },
  {
    day: '2026-05-20',
    kind: 'fertiliser',
    fields: ['north-3', 'hill-2'],
    material: LIME,
    kg10a: 100,
    operator: 'Sato Kenji',
  },
  {
    day: '2026-05-26',
    kind: 'fertiliser',
    fields: ['north-3'],
    material: BEANS,
    kg10a: 40,
    operator: 'Sato Kenji',
  },
  {
    day: '2026-05-30',
    kind: 'mowing',
    fields: ['orchard-up', 'orchard-low'],
    machine: 'riding mower',
    operator: 'Takahashi Minoru',
  },
  {
    day: '2026-06-01',
    kind: 'fertiliser',
    fields: ['hill-2'],
    material: BEANS,
    kg10a: 40,
    operator: 'Mori Noboru',
  },
  {
    day: '2026-06-08',
    kind: 'other',
    fields: ['orchard-up', 'orchard-low'],
    operator: 'Takahashi Minoru',
    note: 'thinned: one fruit to four clusters',
  },
  {
    day: '2026-06-12',
    kind: 'fertiliser',
    fields: ['shrine-east', 'west-9'],
    material: UREA,
    kg10a: 15,
    method: 'beside the rows',
    operator: 'Ito Makoto',
  },
  {
    day: '2026-06-18',
    kind: 'drainage',
    fields: ['paddy-3', 'paddy-7'],
    machine: 'ditcher',
    operator: 'Sato Kenji',
    note: 'a ditch every 8 rows, before the mid-season drainage',
  },
  {
    day: '2026-06-22',
    kind: 'weeding',
    fields: ['north-3', 'hill-2'],
    method: 'between the rows, earthed up',
    operator: 'Sato Kenji',
  },
  {
    day: '2026-06-27',
    kind: 'fertiliser',
    fields: ['paddy-11'],
    material: BASAL,
    kg10a: 35,
    operator: 'Mori Noboru',
  },
  {
    day: '2026-07-02',
    kind: 'puddling',
    fields: ['paddy-11'],
    machine: 'tractor, drive harrow',
    operator: 'Mori Noboru',
  },
  {
    day: '2026-07-04',
    kind: 'mowing',
    fields: ['paddy-3', 'paddy-7', 'paddy-8'],
    machine: 'brush cutter',
    operator: 'Sato Hana',
    note: 'bunds, before the stink bugs come',
  },
  {
    day: '2026-07-05',
    kind: 'planting',
    fields: ['paddy-11'],
    machine: 'transplanter, 6 rows',
    operator: 'Mori Noboru',
  },
  {
    day: '2026-07-10',
    kind: 'fertiliser',
    fields: ['terrace', 'river-bend'],
    material: EARS,
    kg10a: 12,
    method: 'with the drip',
    operator: 'Takahashi Minoru',
  },
  {
    day: '2026-07-16',
    kind: 'fertiliser',
    fields: ['paddy-3', 'paddy-7'],
    material: EARS,
    kg10a: 10,
    operator: 'Sato Kenji',
    note: '18 days before heading',
  },
  {
    day: '2026-07-18',
    kind: 'mowing',
    fields: ['orchard-up', 'orchard-low'],
    machine: 'riding mower',
    operator: 'Takahashi Minoru',
  },
  {
    day: '2026-08-03',
    kind: 'mowing',
    fields: ['paddy-3', 'paddy-7'],
    machine: 'brush cutter',
    operator: 'Sato Hana',
    note: 'bunds, a second time',
  },
]
