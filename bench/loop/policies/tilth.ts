/**
 * Tilth itself, through the JSON lines of `npm run decide`: setup with history, sensors and economics, then day by
 * day.
 */
import { SENSOR_DEPTHS_M } from '../imperfect.ts'
import { modelLines, type Lines } from '../product-lines.ts'
import { LIMITS, type Policy, type Season } from '../season.ts'

export interface TilthFarm {
  /** Tilth in the farm's next season. `noticed` receives the keys of each decision and its day of the season. */
  next(season: Season, noticed?: (index: number, keys: readonly string[], why?: unknown) => void): Policy
  end(): void
}

/** One field through its seasons: a session carries what it has learned into the next one. */
export function tilthFarm(openLines: () => Lines = modelLines): TilthFarm {
  const { respond, end } = openLines()
  const send = (message: object): Record<string, unknown> => {
    const response = JSON.parse(respond(JSON.stringify(message)) ?? '{}') as Record<string, unknown>
    if (response['type'] === 'error') throw new Error(`decide: ${String(response['message'])}`)
    return response
  }
  return {
    end,
    next(season, noticed) {
      send(setupLine(season))
      return ({ index, weather, soilMoisture, appliedMm, forecast }) => {
        const { day, tMinC, tMaxC, rainMm, et0Mm } = weather
        const response = send({
          type: 'day',
          day,
          weather: { tMinC, tMaxC, rainMm, et0Mm },
          soilMoisture: Object.fromEntries(soilMoisture.map((vwc, i) => [`s${i + 1}`, vwc])),
          appliedMm,
          forecast,
        })
        noticed?.(
          index,
          (response['why'] as { key: string }[]).map(({ key }) => key),
          response['why'],
        )
        return Number(response['irrigateMm'])
      }
    },
  }
}

/** Tilth in a single season, as a farm that has just installed it. */
export const tilth = (season: Season): Policy => tilthFarm().next(season)

function setupLine(season: Season): object {
  const { climate, sowingDay, reportedStartVwc, history } = season
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
      initialVwc: reportedStartVwc,
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
