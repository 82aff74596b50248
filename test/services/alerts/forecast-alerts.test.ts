/** Alerts from a farm's forecast: frost, a storm, an insect that reaches its stage; and when each alert ends. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { forecastAlerts, type FarmForecast } from '../../../services/alerts/forecast-alerts.ts'
import type { ForecastHour } from '../../../services/ports/forecast.ts'
import { defaultWeatherThresholds } from '../../../services/domain/weather-thresholds.ts'

const NOW = Date.parse('2026-04-10T09:00:00Z')
const hour = (inH: number, more: Partial<ForecastHour>): ForecastHour => ({
  atMs: NOW + inH * HOUR_MS,
  tempC: 12,
  humidityPct: null,
  rainMm: 0,
  rainChance: null,
  windMps: null,
  gustMps: 5,
  radiationWm2: null,
  cloud: null,
  ...more,
})
const farm = (more: Partial<FarmForecast>): FarmForecast => ({
  id: 'oka',
  org: 'coop',
  name: 'Oka',
  today: '2026-04-10',
  hours: [],
  pests: [],
  weatherThresholds: defaultWeatherThresholds,
  ...more,
})
const causes = (of: FarmForecast, standing = forecastAlerts(farm({}), [], NOW)) =>
  forecastAlerts(of, standing, NOW).map(({ cause }) => cause)

describe('frost', () => {
  it('raises an alert from 2 °C within a day, with the lowest temperature and its time', () => {
    const alerts = forecastAlerts(
      farm({ hours: [hour(1, {}), hour(20, { tempC: 1.96 }), hour(21, { tempC: 3 })] }),
      [],
      NOW,
    )
    expect(alerts).toMatchObject([
      { cause: 'frost-ahead', severity: 'act', params: { tempC: 2, atMs: NOW + 20 * HOUR_MS, farm: 'Oka' } },
    ])
    expect(causes(farm({ hours: [hour(20, { tempC: 2.1 })] }))).toEqual([])
    expect(causes(farm({ hours: [hour(30, { tempC: -4 })] }))).toEqual([])
  })

  it('stays active until the forecast is clearly above the threshold, and keeps its start time', () => {
    const standing = forecastAlerts(farm({ hours: [hour(20, { tempC: 0 })] }), [], NOW - HOUR_MS)
    const still = forecastAlerts(farm({ hours: [hour(19, { tempC: 2.9 })] }), standing, NOW)
    expect(still.map(({ sinceMs }) => sinceMs)).toEqual([NOW - HOUR_MS])
    expect(causes(farm({ hours: [hour(19, { tempC: 3.1 })] }), standing)).toEqual([])
  })

  it('of one farm does not affect another', () => {
    const standing = forecastAlerts(farm({ id: 'other', hours: [hour(20, { tempC: 0 })] }), [], NOW - HOUR_MS)
    expect(causes(farm({ hours: [hour(19, { tempC: 2.9 })] }), standing)).toEqual([])
  })

  it('stays active while the provider is unavailable, until the night has passed', () => {
    const standing = forecastAlerts(farm({ hours: [hour(20, { tempC: 0 })] }), [], NOW)
    const at = (inH: number) => forecastAlerts(farm({ hours: null }), standing, NOW + inH * HOUR_MS).length
    expect([at(1), at(19), at(20)]).toEqual([1, 1, 0])
    expect(causes(farm({ hours: null }))).toEqual([])
  })

  it('raises no alert without a temperature forecast', () =>
    expect(causes(farm({ hours: [hour(5, { tempC: null })] }))).toEqual([]))
})

describe('a farm with thresholds of its own', () => {
  const tender = { frostC: 4, gustMps: 12, rainMm: 20 }

  it('is warned of frost, wind and rain at these, and other farms at the defaults', () => {
    const cold = { hours: [hour(20, { tempC: 3.5 })] }
    const windy = { hours: [hour(3, { gustMps: 13 })] }
    const wet = { hours: [hour(3, { rainMm: 21 })] }
    for (const [more, cause] of [
      [cold, 'frost-ahead'],
      [windy, 'storm-ahead'],
      [wet, 'storm-ahead'],
    ] as const) {
      expect(causes(farm({ ...more, weatherThresholds: tender }))).toEqual([cause])
      expect(causes(farm(more))).toEqual([])
    }
  })

  it('clears with the same hysteresis: a degree warmer, a fifth less', () => {
    const standing = forecastAlerts(
      farm({ hours: [hour(20, { tempC: 4, gustMps: 12 })], weatherThresholds: tender }),
      [],
      NOW,
    )
    const later = (more: Partial<ForecastHour>) =>
      causes(farm({ hours: [hour(19, more)], weatherThresholds: tender }), standing)
    expect(later({ tempC: 4.9, gustMps: 9.7 })).toEqual(['frost-ahead', 'storm-ahead'])
    expect(later({ tempC: 5.1, gustMps: 9.5 })).toEqual([])
  })
})

describe('a storm', () => {
  it('is a strong gale (Beaufort 9) or 50 mm within a day', () => {
    expect(causes(farm({ hours: [hour(3, { gustMps: 20.7 })] }))).toEqual([])
    const gale = forecastAlerts(farm({ hours: [hour(3, { gustMps: 21 })] }), [], NOW)
    expect(gale).toMatchObject([{ cause: 'storm-ahead', params: { gustMps: 21, rainMm: null } }])
    const wet = Array.from({ length: 10 }, (_, i) => hour(i + 1, { rainMm: 5.1 }))
    expect(forecastAlerts(farm({ hours: wet }), [], NOW)).toMatchObject([
      { params: { rainMm: 51, gustMps: null } },
    ])
    expect(causes(farm({ hours: wet.slice(1) }))).toEqual([])
    // a wavering forecast does not take it back at once
    expect(causes(farm({ hours: wet.slice(1) }), forecastAlerts(farm({ hours: wet }), [], NOW))).toEqual([
      'storm-ahead',
    ])
  })
})

describe('an insect', () => {
  const outlook = (key: string, fromDay: string, toDay: string) => ({
    next: { key, fromDay, midDay: fromDay, toDay, from: 'sum' as const },
    threshold: null,
    paramsVersion: '1',
  })
  it('raises one alert per farm while a stage to act on lasts, with the number of fields and the days', () => {
    const pests = [
      { pest: 'codling-moth', outlook: outlook('egg-hatch', '2026-04-08', '2026-04-12') },
      { pest: 'codling-moth', outlook: outlook('egg-hatch', '2026-04-10', '2026-04-14') },
      { pest: 'codling-moth', outlook: outlook('egg-hatch', '2026-04-11', '2026-04-16') }, // not yet
      { pest: 'peach-twig-borer', outlook: outlook('first-moths', '2026-04-08', '2026-04-12') }, // to look at
    ]
    expect(forecastAlerts(farm({ pests }), [], NOW)).toMatchObject([
      {
        cause: 'pest-window',
        severity: 'soon',
        params: { pest: 'codling-moth', n: 2, fromDay: '2026-04-08', toDay: '2026-04-14' },
      },
    ])
    expect(causes(farm({ pests, today: '2026-04-17' }))).toEqual([])
  })
})
