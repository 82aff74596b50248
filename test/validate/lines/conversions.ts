/** Raw sensor values to water content: published polynomials, and the values reported by stations. */
import {
  decagon10hsVwc,
  decagonEc5Vwc,
  hydraProbeVwc,
  toppVwc,
  twoPointVwc,
} from '../../../services/agronomy/water/sensor-conversion.ts'
import { numberIn, type DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { numberAt, textAt, type Vector } from '../read-vectors.ts'
import { allOf, forComparison, type Score, type Trial } from '../score.ts'

export const conversions: Line = {
  name: 'conversions',
  about: 'raw sensor values to soil moisture',
  parts: [
    {
      needs: ['vectors/sensor_conversions.json'],
      score: (data) => [allOf('vectors', data.vectors('sensor_conversions').map(conversionTrial))],
    },
    {
      needs: [{ columns: ['local_time', 'rain_mm'], like: 'data/soil-scan-forddrylake-hourly' }],
      score: hydraHours,
    },
  ],
}

/** Tilth's result for one vector of a conversion, against that of its source. */
export function conversionTrial(vector: Vector): Trial {
  const name = textAt(vector, 'function')
  const convert = (functions as Record<string, Convert>)[name]
  return {
    name: vector.id,
    model: name,
    got: convert ? (convert((key) => numberAt(vector, 'inputs', key)) ?? 'none') : null,
    expected: numberAt(vector, 'expected'),
    tolerance: numberAt(vector, 'tolerance'),
  }
}

type Convert = (of: (key: string) => number) => number | null

/** By the names of the vectors. */
const functions: Record<string, Convert> = {
  topp1980_theta: (of) => toppVwc(of('permittivity')),
  hydraprobe_theta: (of) => hydraProbeVwc(of('real_permittivity')),
  hydraprobe_theta_pct: (of) => percent(hydraProbeVwc(of('real_permittivity'))),
  decagon_10hs_theta: (of) => decagon10hsVwc(of('mV')),
  ech2o_ec5_theta: (of) => decagonEc5Vwc(of('raw')),
  capacitive_two_point: (of) =>
    twoPointVwc(of('adc'), {
      rawDry: of('adc_dry'),
      rawWet: of('adc_wet'),
      vwcDry: of('theta_dry'),
      vwcWet: of('theta_wet'),
    }),
}

const percent = (vwc: number | null): number | null => (vwc === null ? null : 100 * vwc)

const LIKE_PCT = 0.15

/**
 * Stations that report permittivity and moisture, not always sampled together: hours in which the equation reproduces
 * theirs.
 */
function hydraHours(data: DataFolder): Score[] {
  return data.tables(['local_time', 'rain_mm']).flatMap((table) =>
    table.columns.flatMap((column) => {
      const depth = /^permittivity_(\d+cm)$/.exec(column)?.[1]
      const reported = `sm_${depth}_pct`
      if (depth === undefined || !table.columns.includes(reported)) return []
      const errors = table.rows.flatMap((_, row) => {
        const pct = numberIn(table, row, reported)
        const permittivity = numberIn(table, row, column)
        const vwc = permittivity === null ? null : hydraProbeVwc(permittivity)
        return pct === null || vwc === null ? [] : [Math.abs(100 * vwc - pct)]
      })
      const withinCount = errors.filter((error) => error <= LIKE_PCT + 1e-9).length
      const share = (100 * withinCount) / errors.length
      return [forComparison(`${table.folder} ${depth}, hours within 0.15 % vol`, share, '%', 1)]
    }),
  )
}
