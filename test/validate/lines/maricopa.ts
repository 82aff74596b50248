/** AZMET Maricopa, Arizona: the station and its days, as SOURCE.md of the data describes them. */
import { dayOfYear } from '../../../broker/contract/time.ts'
import { saturationKPa } from '../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import type { DailyWeather } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { wind2mMps } from '../../../services/agronomy/evapotranspiration/wind.ts'
import type { DataFolder } from '../data-folder.ts'
import { wholeDays, type DayOf, type Whole } from '../read-days.ts'

export const MARICOPA = 'weather-maricopa-daily'

export const maricopaSite = {
  latDeg: 33.069,
  lonDeg: -111.972,
  elevationM: 361,
  timeZone: 'America/Phoenix',
}
export const WIND_HEIGHT_M = 3

const columns = ['srad_MJ_m2', 'tmax_C', 'tmin_C', 'tdew_C', 'wind3m_m_s', 'rain_mm', 'eto_azmet_mm'] as const
export type MaricopaDay = Whole<DayOf<(typeof columns)[number]>>

export const maricopaDays = (data: DataFolder): MaricopaDay[] => wholeDays(data.days(MARICOPA, columns))

/** ea from the dew point and wind from 3 m, as in AZMET's calculation. */
export const weatherOf = (day: MaricopaDay): DailyWeather => ({
  dayOfYear: dayOfYear(day.day),
  tempMinC: day.tmin_C,
  tempMaxC: day.tmax_C,
  vapourKPa: saturationKPa(day.tdew_C), // FAO-56 Eq. 14
  windMps: wind2mMps(day.wind3m_m_s, WIND_HEIGHT_M),
  radiationMJm2: day.srad_MJ_m2,
})
