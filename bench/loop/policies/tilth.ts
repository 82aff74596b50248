/**
 * Tilth itself, through the JSON lines of `npm run decide`: setup with history, sensors and economics, then day by
 * day.
 */
import { decisionSession } from '../../../services/plan/decide/session.ts'
import { SENSOR_DEPTHS_M } from '../imperfect.ts'
import { LIMITS, type Policy, type Season } from '../season.ts'

/** A new session for the season: only the weather history is shared between seasons. */
export function tilth(season: Season): Policy {
  const session = decisionSession()
  const send = (message: object): Record<string, unknown> => {
    const response = JSON.parse(session(JSON.stringify(message)) ?? '{}') as Record<string, unknown>
    if (response['type'] === 'error') throw new Error(`decide: ${String(response['message'])}`)
    return response
  }
  send(setupLine(season))
  return ({ weather, soilMoisture, appliedMm, forecast }) => {
    const { day, tMinC, tMaxC, rainMm, et0Mm } = weather
    const response = send({
      type: 'day',
      day,
      weather: { tMinC, tMaxC, rainMm, et0Mm },
      soilMoisture: Object.fromEntries(soilMoisture.map((vwc, i) => [`s${i + 1}`, vwc])),
      appliedMm,
      forecast,
    })
    return Number(response['irrigateMm'])
  }
}

function setupLine(season: Season): object {
  const { climate, sowingDay, reportedStartVwc: toldStartVwc, history } = season
  const { saturation, fieldCapacity, wiltingPoint } = climate.soil
  return {
    type: 'setup',
    site: { latDeg: climate.normals.latDeg, elevM: climate.elevM, timeZone: climate.timeZone },
    field: {
      crop: climate.crop.name,
      plantingDay: sowingDay,
      areaM2: 10_000,
      soil: {
        texture: climate.texture,
        depthM: climate.soilDepthM,
        layers: [{ toM: 2.3, fieldCapacity, wiltingPoint, saturation }],
      },
      initialVwc: toldStartVwc,
      irrigation: {
        method: 'sprinkler',
        wettedFraction: 1,
        efficiency: LIMITS.nominalEfficiency,
        maxMmPerDay: LIMITS.mostMm,
        minMm: LIMITS.leastMm,
      },
    },
    sensors: SENSOR_DEPTHS_M.map((depthM, i) => ({ id: `s${i + 1}`, depthM })),
    economics: climate.economics,
    history,
  }
}
