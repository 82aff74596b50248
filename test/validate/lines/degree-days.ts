/** Degree-days of one day: Zalom et al. 1983, McMaster & Wilhelm 1997, the cross-checked grid, and a run of UC IPM. */
import {
  degreeDaysCd,
  heatMethods,
  type Cutoff,
  type HeatDay,
  type HeatMethod,
  type HeatModel,
} from '../../../services/agronomy/crops/degree-days.ts'
import { pests } from '../../../services/agronomy/pests/catalogue.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { wholeDays, yearsOf } from '../read-days.ts'
import { numberAt, textAt, type Vector } from '../read-vectors.ts'
import { allOf, atMost, errorsOf, forComparison, type Score, type Trial } from '../score.ts'

export const LOST_HILLS = 'pest-lost-hills-degree-days'

const columns = ['date', 'tmin_F', 'tmax_F', 'dd_F']

export const degreeDays: Line = {
  name: 'degree-days',
  about: 'degree-days of a day: published tables, and UC IPM at Lost Hills',
  parts: [
    {
      needs: ['vectors/degree_days.json'],
      score: (data) => [
        allOf('published and cross-checked vectors', data.vectors('degree_days').map(degreeDayTrial)),
      ],
    },
    {
      needs: [{ columns, like: `data/${LOST_HILLS}` }],
      score: (data) =>
        [...new Set(data.tables(columns).map(({ folder }) => folder))].flatMap((folder) =>
          runScores(data, folder),
        ),
    },
  ],
}

const PRINTED_FD = 0.01
/**
 * Half of the printed hundredth, and half of a thousandth: UC IPM rounds twice (49/88 °F gives 14.51498, through
 * 14.515 printed as 14.52).
 */
const MAX_ERROR_FD = PRINTED_FD / 2 + 0.0005

/** A run of UC IPM, day by day. */
function runScores(data: DataFolder, folder: string): Score[] {
  const heat = heatOf(data.source(folder))
  const days = wholeDays(data.days(folder, ['tmin_F', 'tmax_F', 'dd_F']))
  const errors = days.map((day) => {
    const sumCd = degreeDaysCd(heat, { tempMinC: cOf(day.tmin_F), tempMaxC: cOf(day.tmax_F) })
    return sumCd * F_PER_C - day.dd_F
  })
  const name = folder === LOST_HILLS ? 'UC IPM at Lost Hills' : folder
  return [
    atMost(`${name} ${yearsOf(days)}, largest error`, errorsOf(errors).max, MAX_ERROR_FD, '°F·d', 5),
    forComparison(
      `${name}, days within half of the printed hundredth`,
      errors.filter((error) => Math.abs(error) <= PRINTED_FD / 2).length,
      '',
      0,
    ),
    forComparison(`${name}, days`, days.length, '', 0),
  ]
}

/** "single sine, horizontal cutoff, 55/94 degF" of SOURCE.md; without thresholds there those of navel orangeworm. */
function heatOf(source: string): HeatModel {
  const usual = pests['navel-orangeworm'].heat
  const [, lowerF, upperF] = /(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?) ?(?:deg ?|°)F/.exec(source) ?? []
  if (lowerF === undefined || upperF === undefined) return usual
  const [, method] = /\b((?:single|double) (?:sine|triangle)|modified average)\b/i.exec(source) ?? []
  const [, cutoff] = /\b(horizontal|intermediate|vertical)\b/i.exec(source) ?? []
  return {
    method:
      heatMethods.find((candidate) => candidate === method?.toLowerCase().replace(' ', '-')) ?? usual.method,
    cutoff: cutoff === undefined ? usual.cutoff : cutoffs[cutoff.toLowerCase()]!,
    lowerC: cOf(Number(lowerF)),
    upperC: cOf(Number(upperF)),
  }
}

export const F_PER_C = 9 / 5
export const cOf = (degreesF: number): number => (degreesF - 32) / F_PER_C

/** By the names of the vectors. */
export const methods: Record<string, HeatMethod> = {
  average_method1: 'average',
  average_method2: 'modified-average',
  single_sine: 'single-sine',
  double_sine: 'double-sine',
  single_triangle: 'single-triangle',
  double_triangle: 'double-triangle',
}
export const cutoffs: Record<string, Cutoff> = {
  '': 'none',
  none: 'none',
  horizontal: 'horizontal',
  intermediate: 'intermediate',
  vertical: 'vertical',
}

/** Tilth's result for one vector of degree-days, against that of its source. */
export function degreeDayTrial(vector: Vector): Trial {
  const method = methods[textAt(vector, 'method')]
  const cutoff = cutoffs[textAt(vector, 'cutoff')]
  const isF = textAt(vector, 'units') === 'F-DD'
  const temp = (key: string): number =>
    isF ? cOf(numberAt(vector, 'inputs', `${key}_F`)) : numberAt(vector, 'inputs', `${key}_C`)
  const has = (key: string): boolean => vector.inputs[`${key}_${isF ? 'F' : 'C'}`] != null
  let got: number | null = null
  if (method !== undefined && cutoff !== undefined) {
    const day: HeatDay = { tempMinC: temp('tmin'), tempMaxC: temp('tmax') }
    if (has('next_tmin')) day.nextMinC = temp('next_tmin')
    const model = { method, cutoff, lowerC: temp('lower'), upperC: has('upper') ? temp('upper') : null }
    got = degreeDaysCd(model, day) * (isF ? F_PER_C : 1)
  }
  return {
    name: vector.id,
    model: `${textAt(vector, 'method')}, cutoff ${textAt(vector, 'cutoff') || 'none'}`,
    got,
    expected: numberAt(vector, 'expected'),
    tolerance: numberAt(vector, 'tolerance'),
  }
}
