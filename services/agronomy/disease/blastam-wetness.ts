/**
 * Leaf wetness of rice from rain, wind and sunshine, for BLASTAM: Koshimizu (1988), Bull. Tohoku Natl. Agric. Exp.
 * Stn. 78:67, summarised. Leaves are wet from the hour before a rain. At night they stay wet until 7:00 unless it is
 * windy: 4 m/s in one hour, 3 m/s in the third consecutive hour, after 4:00 3 m/s in a dry hour. By day they stay wet
 * for three hours after a rain in calm air (below 3 m/s). More than 0.2 h of sunshine since the start of the rain
 * dries them (0.1 h by day). A rain of 4 mm in an hour, or of 3 mm in each of two, washes the spores off: the wet
 * period ends there.
 */
export interface RainWindSun {
  hour: number // 0-23 in the farm's time zone
  rainMm: number
  windMps: number
  sunH: number
}

const NIGHT_FROM = 16
const NIGHT_TO = 7
const AFTER_RAIN_H = 3

/** Whether leaves are wet in each of contiguous hours. */
export function blastamWet(hours: readonly RainWindSun[]): boolean[] {
  let isWet = false
  let sunH = 0
  let sinceRainH = 0
  return hours.map((current, i) => {
    const isRain = current.rainMm > 0
    const isWetting = isRain || (hours[i + 1]?.rainMm ?? 0) > 0
    const isNight = current.hour >= NIGHT_FROM || current.hour < NIGHT_TO
    if (isWetting && !isWet) sunH = 0
    sunH = current.hour === 0 ? 0 : sunH + (isRain && current.sunH <= 0.1 ? 0 : current.sunH)
    sinceRainH = isWetting ? 0 : sinceRainH + 1
    const lasts = isWetting || (isWet && (isNight || sinceRainH <= AFTER_RAIN_H))
    isWet = lasts && !isDried(hours, i, isNight) && sunH <= (isNight ? 0.2 : 0.1) && !isWashed(hours, i)
    return isWet
  })
}

function isDried(hours: readonly RainWindSun[], i: number, isNight: boolean): boolean {
  const { hour, windMps, rainMm } = hours[i]!
  if (windMps >= 4) return true
  if (!isNight || (hour >= 4 && hour < NIGHT_TO)) return windMps >= 3 && rainMm === 0
  return i >= 2 && hours.slice(i - 2, i + 1).every((previous) => previous.windMps >= 3)
}

const isWashed = (hours: readonly RainWindSun[], i: number): boolean =>
  hours[i]!.rainMm >= 4 || (hours[i]!.rainMm >= 3 && (hours[i - 1]?.rainMm ?? 0) >= 3)
