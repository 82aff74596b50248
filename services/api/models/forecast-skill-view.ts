/** How good a farm's forecasts have been: a row for each lead, and what a person would say of it. */
import { fromJson, type ForecastSkillRow, type LeadSkill } from '../../tables.ts'
import type { forecastKeys } from '../http/message-keys.ts'
import type { ForecastSkillView, Message } from '../schemas.ts'

type Said = Message
const say = (key: keyof typeof forecastKeys, params: Said['params']): Said => ({ key, params })

export function forecastSkillView(row: ForecastSkillRow, farmName: string): ForecastSkillView {
  const leads = fromJson(row.leads)
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

function leadView({ fromLead, toLead, rain, trust, ...lead }: LeadSkill): ForecastSkillView['leads'][number] {
  const heavy = rain.hits + rain.misses
  const said = rain.hits + rain.falseAlarms
  return {
    fromLead,
    toLead,
    days: rain.days,
    biasMm: two(rain.bias),
    maeMm: two(rain.mae),
    hits: rain.hits,
    misses: rain.misses,
    falseAlarms: rain.falseAlarms,
    hitRate: heavy === 0 ? null : two(rain.hits / heavy),
    falseAlarmShare: said === 0 ? null : two(rain.falseAlarms / said),
    brier: two(rain.brier, 1000),
    brierUsual: two(rain.brierUsual, 1000),
    inRange: two(rain.inRange),
    tempMinMaeC: two(lead.tempMinC.mae),
    tempMaxMaeC: two(lead.tempMaxC.mae),
    et0MaeMm: two(lead.et0Mm.mae),
    believed: { lo: two(trust.lo)!, mid: two(trust.mid)!, hi: two(trust.hi)! },
  }
}

const FEW_DAYS = 5 // as plan/forecast/skill.ts: fewer move nothing
const EVEN_MM = 0.3
const AS_SAID = 0.05

function sentences({ rain, tempMaxC, trust }: LeadSkill): Said[] {
  if (rain.days < FEW_DAYS) return [say('skill-few', { known: rain.days })]
  const heavy = rain.hits + rain.misses
  const bias = rain.bias ?? 0
  return [
    heavy > 0
      ? say('skill-heavy', { heavy, hits: rain.hits, falseAlarms: rain.falseAlarms })
      : say('skill-no-heavy', { known: rain.days, falseAlarms: rain.falseAlarms }),
    Math.abs(bias) < EVEN_MM
      ? say('skill-even', {})
      : say(bias > 0 ? 'skill-wet' : 'skill-dry', { mm: two(Math.abs(bias), 10)! }),
    ...(tempMaxC.mae === null ? [] : [say('skill-heat', { degrees: two(tempMaxC.mae, 10)! })]),
    ...(Math.abs(trust.lo - 1) < AS_SAID
      ? []
      : [
          say(trust.lo < 1 ? 'skill-trust-less' : 'skill-trust-more', {
            percent: Math.round(100 * trust.lo),
          }),
        ]),
  ]
}

const two = <T extends number | null>(value: T, to = 100): T =>
  (value === null ? null : Math.round(value * to) / to) as T
