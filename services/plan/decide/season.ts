/** The start of a season of `npm run decide`: its field, the estimates of the season before, and its first rule. */
import { ok, type Result } from '../../../broker/contract/result.ts'
import { cropOf, crops } from '../../agronomy/crops/catalogue.ts'
import { seasonLengthD } from '../../agronomy/crops/growth.ts'
import { checkSetup } from './check-setup.ts'
import { seasonAhead, situationOf } from './outlook.ts'
import { limitsSdOf } from './soil.ts'
import type { Season } from './season-state.ts'
import { weatherHistory } from '../../irrigation-model/weather-history.ts'
import type { SetupLine } from './json-lines.ts'
import {
  daySeed,
  layersOf,
  seasonClock,
  START_SD,
  startWater,
  surfaceOf,
} from '../../irrigation-model/field-water.ts'
import { priorFromLastSeason, type LastSeason } from '../../irrigation-model/carry-over.ts'
import { noSalt } from '../../irrigation-model/salt/salt-balance.ts'
import { unknownStart } from '../../irrigation-model/field-ensemble.ts'
import { cropClock } from '../../irrigation-model/crop-clock.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { stressOf } from '../../irrigation-model/crop-stress.ts'
import { dryYieldTHa } from '../../irrigation-model/crop-growth.ts'
import { noRainSkill } from '../../irrigation-model/rain-skill.ts'
import { learnRule, MIN_YEARS, tableRule, withMargin } from '../../irrigation-model/learn-rule.ts'
import { waterValue } from '../../irrigation-model/water-value.ts'

/** The field of a session: a farm's field of this name has the same errors. */
export const FIELD_ID = 'field'
const MAX_MM = 60
/** Uncertainty of the depletion, share of TAW, without a search. */
const DEFAULT_DOUBT = 0.1

/**
 * Starts a season. `before`: the previous season of this session; its estimates of the same field are carried
 * over. The error names the field of the setup.
 */
export function startSeason(setup: SetupLine, before: Season | null = null): Result<Season> {
  const checked = checkSetup(setup)
  if (!checked.ok) return checked
  const { layers, timeZone } = checked.value
  const { plantingDay, irrigation } = setup.field
  const tabled = cropOf(setup.field.crop)
  const crop = tabled ?? crops.generic
  const response = cropResponse(crop)
  const history = weatherHistory(setup, cropClock(crop), Math.ceil(1.4 * seasonLengthD(crop)))
  const efficiency = irrigation?.efficiency ?? 1
  const prior =
    before && isSameField(before.setup, setup)
      ? priorFromLastSeason(lastSeasonOf(before), {
          crop,
          efficiency,
          sensors: setup.sensors ?? [],
          isSameSoil: true,
          levelSd: limitsSdOf(setup.field.soil),
        })
      : null
  const season: Season = {
    setup,
    site: {
      crop,
      response,
      stress: stressOf(crop),
      surface: surfaceOf(setup.field.soil.texture ?? null, layers),
      waterEcDsM: irrigation?.waterEcDsM ?? null,
    },
    layers,
    history,
    tables: tableRule(crop),
    rule: tableRule(crop),
    ruleDay: null,
    fullHarvest: 1,
    waterValue: waterValue(setup.economics ?? null, response).waterValue,
    isValueAssumed: false,
    system: {
      efficiency,
      maxMm: irrigation?.maxMmPerDay ?? MAX_MM,
      minMm: irrigation?.minMm ?? 0,
      wettedFraction: irrigation?.wettedFraction ?? 1,
    },
    notes: [
      ...(tabled ? [] : ['crop-generic']),
      ...(setup.history?.length ? [] : ['no-history']),
      ...(setup.field.initialVwc == null ? ['no-initial-water'] : []),
      ...(prior ? ['from-last-season'] : []),
    ],
    timeZone,
    lastDay: null,
    water: startWater(
      { crop, response },
      {
        layers: layersOf(response, layers, setup.field.soil.depthM ?? null),
        sensors: setup.sensors ?? [],
        start: setup.field.initialVwc == null ? unknownStart : { vwc: setup.field.initialVwc, sd: START_SD },
        prior,
        seed: daySeed(FIELD_ID, plantingDay),
        waterTableM: setup.field.soil.waterTableM ?? null,
        levelSd: limitsSdOf(setup.field.soil),
        salt: { ...noSalt, ecDsM: setup.field.soil.ecDsM ?? null },
      },
    ),
    skill: noRainSkill,
    lastForecast: null,
    orderedMm: 0,
    recentEt0Mm: [],
  }
  const { usualDays } = history
  const start = { fromDay: plantingDay, ageD: 0, usualDays }
  season.water.clock = seasonClock(setup.field.harvestDay ?? null, crop, start)
  const ahead = seasonAhead(season, plantingDay)
  season.fullHarvest = ahead.days.fullHarvest
  const {
    waterValue: value,
    notes,
    isAssumed,
  } = waterValue(setup.economics ?? null, response, dryYieldTHa(season.site.stress, ahead.days.fullHarvest))
  season.waterValue = value
  season.isValueAssumed = isAssumed
  season.notes.push(...notes)
  const years = history.seasons.length
  if (years >= MIN_YEARS) {
    season.rule = learnRule(season.tables, situationOf(season, plantingDay, ahead, [])).rule
    season.ruleDay = plantingDay
  } else {
    season.rule = isAssumed ? season.tables : withMargin(season.tables, DEFAULT_DOUBT)
    if (setup.history?.length) season.notes.push('history-short')
  }
  return ok(season)
}

/** Degrees of latitude: the same farm. */
const SAME_DEG = 0.01

function isSameField(a: SetupLine, b: SetupLine): boolean {
  const place = ({ field: { soil }, sensors }: SetupLine): string =>
    JSON.stringify([
      soil.texture ?? null,
      (soil.layers ?? []).map(({ toM, fieldCapacity, wiltingPoint }) => [toM, fieldCapacity, wiltingPoint]),
      (sensors ?? []).map(({ id, depthM }) => [id, depthM]),
    ])
  return Math.abs(a.site.latDeg - b.site.latDeg) <= SAME_DEG && place(a) === place(b)
}

const lastSeasonOf = ({ site, water, system }: Season): LastSeason => ({
  cropId: site.crop.id,
  daysRecorded: water.daysRecorded,
  efficiency: system.efficiency,
  ensemble: water.ensemble,
  sensors: water.sensors,
})
