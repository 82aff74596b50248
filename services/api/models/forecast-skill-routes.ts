/** The skill of a farm's forecasts: a row per lead, and a summary in messages. */
import Type from 'typebox'
import { responses } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { readLeadSkills, type ForecastSkillRow, type LeadSkill } from '../../tables.ts'
import type { forecastKeys } from '../http/message-keys.ts'
import { ForecastSkillView } from './forecast-schemas.ts'
import type { Message } from '../http/validation/value-schemas.ts'

/** Needs `read`. One entry for each farm and forecast source, by farm id; none before the first verification. */
export function forecastSkillRoutes(app: App, { state }: Context): void {
  app.get(
    '/api/forecast-skill',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'List the skill of the forecasts',
        response: responses(Type.Array(ForecastSkillView)),
      },
    },
    async ({ caller: { org } }) => {
      const farms = await state.selectFrom('farm').select(['id', 'name']).where('org', '=', org).execute()
      const rows = await state
        .selectFrom('forecastSkill')
        .selectAll()
        .where('org', '=', org)
        .orderBy('farmId')
        .orderBy('source')
        .execute()
      return rows.map((row) => forecastSkillView(row, farms.find(({ id }) => id === row.farmId)?.name ?? ''))
    },
  )
}

const message = (key: keyof typeof forecastKeys, params: Message['params']): Message => ({ key, params })

/**
 * The messages concern the day ahead, or the first lead on record. Errors in mm and °C; shares 0-1, null without a
 * day that counts.
 */
export function forecastSkillView(row: ForecastSkillRow, farmName: string): ForecastSkillView {
  const leads = readLeadSkills(row.leads)
  const { farmId, source, throughDay } = row
  const dayAhead = leads.find(({ fromLead }) => fromLead === 1) ?? leads[0]
  return {
    farmId,
    farmName,
    source,
    throughDay,
    messages: dayAhead ? sentences(dayAhead) : [],
    leads: leads.map(leadView),
  }
}

function leadView({
  fromLead,
  toLead,
  rain,
  correction,
  ...lead
}: LeadSkill): ForecastSkillView['leads'][number] {
  const heavy = rain.hits + rain.misses
  const forecastDays = rain.hits + rain.falseAlarms
  return {
    fromLead,
    toLead,
    days: rain.days,
    biasMm: roundTo2(rain.bias),
    maeMm: roundTo2(rain.mae),
    hits: rain.hits,
    misses: rain.misses,
    falseAlarms: rain.falseAlarms,
    hitRate: heavy === 0 ? null : roundTo2(rain.hits / heavy),
    falseAlarmShare: forecastDays === 0 ? null : roundTo2(rain.falseAlarms / forecastDays),
    brier: roundTo2(rain.brier, 1000),
    brierClimatology: roundTo2(rain.brierClimatology, 1000),
    inRange: roundTo2(rain.inRange),
    tempMinMaeC: roundTo2(lead.tempMinC.mae),
    tempMaxMaeC: roundTo2(lead.tempMaxC.mae),
    et0MaeMm: roundTo2(lead.et0Mm.mae),
    correction: {
      lo: roundTo2(correction.lo)!,
      mid: roundTo2(correction.mid)!,
      hi: roundTo2(correction.hi)!,
    },
  }
}

const FEW_DAYS = 5 // as plan/forecast/skill.ts: fewer days change nothing
const UNBIASED_WITHIN_MM = 0.3
const CORRECTION_TOLERANCE = 0.05

function sentences({ rain, tempMaxC, correction }: LeadSkill): Message[] {
  if (rain.days < FEW_DAYS) return [message('skill-few', { known: rain.days })]
  const heavy = rain.hits + rain.misses
  const bias = rain.bias ?? 0
  return [
    heavy > 0
      ? message('skill-heavy', { heavy, hits: rain.hits, falseAlarms: rain.falseAlarms })
      : message('skill-no-heavy', { known: rain.days, falseAlarms: rain.falseAlarms }),
    Math.abs(bias) < UNBIASED_WITHIN_MM
      ? message('skill-even', {})
      : message(bias > 0 ? 'skill-wet' : 'skill-dry', { mm: roundTo2(Math.abs(bias), 10)! }),
    ...(tempMaxC.mae === null ? [] : [message('skill-heat', { degrees: roundTo2(tempMaxC.mae, 10)! })]),
    ...(Math.abs(correction.lo - 1) < CORRECTION_TOLERANCE
      ? []
      : [
          message(correction.lo < 1 ? 'skill-correction-less' : 'skill-correction-more', {
            percent: Math.round(100 * correction.lo),
          }),
        ]),
  ]
}

const roundTo2 = <T extends number | null>(value: T, to = 100): T =>
  (value === null ? null : Math.round(value * to) / to) as T
