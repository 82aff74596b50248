/** Daily ET0 against what AZMET reports, and against the printed output of REF-ET (R. G. Allen) for the same station. */
import { et0Mm } from '../../../services/agronomy/et0.ts'
import { saturationKPa } from '../../../services/agronomy/psychrometrics.ts'
import { wind2mMps } from '../../../services/agronomy/wind.ts'
import type { Line } from '../line.ts'
import { yearsOf } from '../read-days.ts'
import { numberAt, type Vector } from '../read-vectors.ts'
import { allOf, atMost, errorsOf, told, type Trial } from '../score.ts'
import { MARICOPA, maricopaDays, maricopaSite, weatherOf } from './maricopa.ts'

export const et0Daily: Line = {
  name: 'et0',
  about: 'daily FAO-56 Penman-Monteith against AZMET Maricopa and REF-ET',
  needs: [`data/${MARICOPA}`, 'vectors/asce_daily_maricopa.json'],
  score(data) {
    const days = maricopaDays(data)
    const errors = errorsOf(days.map((day) => et0Mm(weatherOf(day), maricopaSite) - day.eto_azmet_mm))
    const trials = data.vectors('asce_daily_maricopa').flatMap(trialsOf)
    return [
      told(`Maricopa ${yearsOf(days)}, days`, days.length, '', 0),
      atMost('largest error against AZMET', errors.max, 0.01, 'mm/d', 3),
      told('RMSE against AZMET', errors.rmse, 'mm/d', 3),
      allOf('vectors of AZMET and REF-ET', trials),
    ]
  },
}

// by the name under "expected": the ASCE columns take the complete clear-sky radiation of ASCE 2005 App. D
const isBuilt = (column: string): boolean => /^ETo_/.test(column)

function trialsOf(vector: Vector): Trial[] {
  const of = (key: string) => numberAt(vector, 'inputs', key)
  const day = {
    dayOfYear: of('J'),
    tempMinC: of('Tmin_C'),
    tempMaxC: of('Tmax_C'),
    vapourKPa: saturationKPa(of('Tdew_C')),
    windMps: wind2mMps(of('uz_m_s'), of('zw_m')),
    radiationMJm2: of('Rs_MJ_m2'),
  }
  const got = et0Mm(day, { latDeg: of('lat_deg'), elevationM: of('elev_m') })
  return Object.keys(vector.expected as object).map((column) => ({
    name: vector.id,
    model: column,
    got: isBuilt(column) ? got : null,
    expected: numberAt(vector, 'expected', column),
    tolerance: numberAt(vector, 'tolerance', column),
  }))
}
