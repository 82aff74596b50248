/**
 * One field, one truth: in every state of a field, Today, its page, Why, the chart, the texts of the dashboard and the alert
 * show the status, the number and the reason of one decision, and the terms of the reason add up.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { amountOf } from '../../../../dashboard/src/i18n/amount.ts'
import { createLocale } from '../../../../dashboard/src/i18n/locale.ts'
import { readFarmsNeedingWater } from '../../../../services/alerts/irrigation-needed.ts'
import type { FieldDetail } from '../../../../services/api/screens/field-schemas.ts'
import type { FieldCard, Today } from '../../../../services/api/screens/today-schemas.ts'
import type { DecisionView } from '../../../../services/api/irrigation/plan-schemas.ts'
import { startPlanner, type Planner } from '../../../../services/plan/run/planner.ts'
import { toJson, type FieldStateRow, type StateInput } from '../../../../services/tables.ts'
import { readCatalogue } from '../../../support/read-catalogue.ts'
import { silent } from '../../../broker/rig.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

const FIELD = 'midori-field'
const PADDY = 'midori-paddy'
const localeOf = (language: string) =>
  createLocale(readCatalogue(language), { language, timeZone: 'Asia/Tokyo', nowMs: () => NOW_MS })
const locales = { en: localeOf('en'), ja: localeOf('ja') }

describe('one field, one truth', () => {
  let tilth: TestApi
  let planner: Planner
  let cookie: string
  beforeEach(async () => {
    tilth = await startTestApi()
    await plantFarm(tilth.state, 'midori')
    // what the plan itself writes
    for (const table of ['advice', 'decision', 'run', 'alert'] as const)
      await tilth.state.deleteFrom(table).execute()
    cookie = await tilth.signUp('midori', 'viewer')
    const { state, bus, clock } = tilth
    planner = await startPlanner({ state, bus, clock, log: silent, forecast: { daily: async () => null } })
    clock.onSettle(() => planner.settled())
  })
  afterEach(async () => {
    await planner.stop()
    await tilth.stop()
  })

  const probe = (fresh: StateInput['fresh'], atMs: number) =>
    toJson<StateInput[]>([{ key: 'soil.moisture', value: 22, unit: '% vol', atMs, kind: 'measured', fresh }])
  const estimate = (set: Partial<FieldStateRow>, fieldId = FIELD) =>
    tilth.state
      .updateTable('fieldState')
      .set({ atMs: tilth.clock.now(), inputs: probe('ok', tilth.clock.now() - 10 * MINUTE_MS), ...set })
      .where('fieldId', '=', fieldId)
      .execute()
  const setZone = (set: object) =>
    tilth.state.updateTable('zone').set(set).where('id', '=', 'midori-zone').execute()

  /** The plan of the next hour. */
  async function plan(): Promise<void> {
    await tilth.clock.advanceTo(tilth.clock.now() + HOUR_MS)
    await planner.jobs[0]!.run((await planner.jobs[0]!.lastDue(tilth.clock.now()))!)
    await planner.settled()
  }

  /** What every place shows, after they are found to agree. */
  async function shown(fieldId = FIELD): Promise<FieldCard> {
    const get = async <T>(url: string) => (await tilth.call(cookie, 'GET', url)).body as T
    const today = await get<Today>('/api/today')
    const card = today.fields.find(({ id }) => id === fieldId)!
    const detail = await get<FieldDetail>(`/api/fields/${fieldId}?range=7d`)
    expect(detail.field).toEqual(card)
    if (card.decisionId === null) return card
    const why = await get<DecisionView>(`/api/decisions/${card.decisionId}`)
    if (card.verdict.key !== 'cannot-judge') expect(why.verdict).toEqual(card.verdict)
    const mm = (key: string) => why.terms.find((term) => term.key === key)?.mm ?? 0
    const left = why.terms.find(({ key }) => key === 'available-now')
    if (card.water) {
      const { leftMm, loMm, hiMm, ofMm } = card.water
      expect(left).toMatchObject({ mm: leftMm, lo: loMm, hi: hiMm, params: { fullMm: ofMm } })
      expect(detail.levels!.fullMm - detail.levels!.refillMm).toBeCloseTo(ofMm, 9)
      const sumMm = leftMm + mm('water-coming') + mm('crop-use') + mm('rain-expected')
      expect(mm('available-then')).toBeCloseTo(sumMm, 6)
      for (const language of ['en', 'ja'] as const)
        expect(amountOf(card, locales[language]).text).toContain(String(Math.round(Math.abs(leftMm))))
      // a demand is red or amber, and green means that water is left
      if (card.status === 'ok' && card.verdict.key === 'enough') expect(leftMm).toBeGreaterThan(0)
    }
    const needing = await readFarmsNeedingWater(tilth.state)
    const isAlerted = needing.some(({ fields }) => fields > 0)
    if (/^(irrigate-approve|needs-)/.test(card.verdict.key)) expect(isAlerted).toBe(true)
    if (card.status === 'ok' && fieldId === FIELD) expect(isAlerted).toBe(false)
    return card
  }

  it('wet: enough, and green', async () => {
    await estimate({ depletionMm: 5 })
    await plan()
    expect(await shown()).toMatchObject({ status: 'ok', verdict: { key: 'enough' } })
  })

  it('dry: it asks for an approval, stays asked after midnight, and ends with water', async () => {
    await estimate({ depletionMm: 60 })
    await plan()
    const asked = await shown()
    expect(asked).toMatchObject({ status: 'act', verdict: { key: 'irrigate-approve' } })
    expect(asked.water!.leftMm).toBeLessThan(0)
    for (let day = 1; day <= 3; day++) {
      await tilth.clock.advanceTo(NOW_MS + day * DAY_MS)
      await estimate({ depletionMm: 60 })
      await plan()
      expect((await shown()).status).toBe('act')
    }
    await estimate({ depletionMm: 8 })
    await plan()
    expect(await shown()).toMatchObject({ status: 'ok', verdict: { key: 'enough' } })
  })

  it('dry, with a zone that is off, paused, or only advises', async () => {
    await estimate({ depletionMm: 60 })
    await setZone({ mode: 'off' })
    await plan()
    expect(await shown()).toMatchObject({ status: 'act', verdict: { key: 'needs-off' } })
    await setZone({ mode: 'approve', pausedUntilMs: NOW_MS + 5 * DAY_MS })
    await plan()
    expect(await shown()).toMatchObject({ status: 'act', verdict: { key: 'needs-paused' } })
    await setZone({ mode: 'advise', pausedUntilMs: null })
    await plan()
    expect(await shown()).toMatchObject({ status: 'act', verdict: { key: 'irrigate-manual' } })
  })

  it('a silent controller that has missed a run: the valve cannot open, and no run is announced', async () => {
    await setZone({ mode: 'auto' })
    await estimate({ depletionMm: 60 })
    await plan()
    expect(await shown()).toMatchObject({ verdict: { key: 'irrigate' }, next: { state: 'approved' } })
    await tilth.state
      .updateTable('run')
      .set({ state: 'skipped', endReason: 'controller-offline', updatedAtMs: tilth.clock.now() })
      .execute()
    await plan()
    expect(await shown()).toMatchObject({ status: 'act', verdict: { key: 'needs-valve' }, next: null })
  })

  it('a silent probe: estimated, and unknown as soon as the estimate may be on either side of the limit', async () => {
    const silentSince = NOW_MS - 50 * HOUR_MS
    const silentProbe = { inputs: probe('lost', silentSince), freshness: 'late' as const }
    await estimate({ depletionMm: 10, depletionSdMm: 4, ...silentProbe })
    await plan()
    const ok = await shown()
    expect(ok).toMatchObject({ status: 'ok', water: { asOfMs: silentSince, fresh: 'lost' } })
    // OK by an estimate alone: the row states so, and since when, as that of an unknown field does
    expect(amountOf(ok, locales.en)).toMatchObject({
      text: expect.stringMatching(/^estimated \d+\smm$/),
      age: 'measured 2 days ago',
    })
    expect(amountOf(ok, locales.ja).text).toMatch(/^推定/)
    await estimate({ depletionMm: 10, depletionSdMm: 35, ...silentProbe })
    await plan()
    expect(await shown()).toMatchObject({
      status: 'unknown',
      verdict: { key: 'cannot-judge', params: { reason: 'probe-silent', atMs: silentSince } },
    })
  })

  it('a corrected reading changes every place at once', async () => {
    await estimate({ depletionMm: 60 })
    await plan()
    const before = await shown()
    await estimate({ depletionMm: 20 })
    // until the plan has compared it, everything shows the decision that stands
    expect(await shown()).toEqual({
      ...before,
      water: { ...before.water, asOfMs: expect.any(Number) as number },
    })
    await plan()
    expect((await shown()).water!.leftMm).toBeCloseTo(before.water!.leftMm + 40, 6)
  })

  it('a paddy far below its band is not green', async () => {
    await estimate({ levelMm: -450, levelAtMs: tilth.clock.now() }, PADDY)
    await plan()
    expect((await shown(PADDY)).status).toBe('act')
  })
})
