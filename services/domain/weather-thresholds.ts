/** The thresholds for frost, wind and rain warnings of a farm: as configured, else the defaults. Pure. */
import { readWeatherThresholds, type FarmRow, type WeatherThresholds } from '../tables.ts'

export const defaultWeatherThresholds: WeatherThresholds = {
  // leaves are colder than the air at 2 m: JMA warns of frost from 2 to 4 °C, depending on the prefecture
  frostC: 2,
  // strong gale, Beaufort 9; rainstorm, GB/T 28592-2012
  gustMps: 20.8,
  rainMm: 50,
}

/** °C, m/s, mm per day. */
export const weatherThresholds = ({
  weatherThresholds,
}: Pick<FarmRow, 'weatherThresholds'>): WeatherThresholds => ({
  ...defaultWeatherThresholds,
  ...(weatherThresholds ? readWeatherThresholds(weatherThresholds) : {}),
})
