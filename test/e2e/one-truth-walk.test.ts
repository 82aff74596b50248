/**
 * One field, one truth, in the co-operative of the demonstration: shortly before midnight and after it, every screen
 * shows one status, one number and one reason for each field, and the terms of the reason add up. A field that asked
 * for water before midnight, and got none, still asks for it.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, startOfDay, type AtMs } from '../../broker/contract/time.ts'
import { fieldTabs } from '../../dashboard/src/fields/field-tabs.ts'
import { amountOf, isShort, wholeMm } from '../../dashboard/src/i18n/amount.ts'
import { pestText } from '../../dashboard/src/i18n/pest-text.ts'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import { coOperative } from '../../firmware-sim/demo/co-operative.ts'
import { signIn, type Member } from '../../firmware-sim/demo/member.ts'
import { scheduledFailures } from '../../firmware-sim/demo/scenarios.ts'
import { scratchDir } from '../../firmware-sim/demo/scratch-dir.ts'
import { startSimulation, type Simulation } from '../../firmware-sim/demo/simulation.ts'
import { weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import type { DecisionView, FieldCard, FieldDetail, Today } from '../../services/api/schemas.ts'
import { readSettings } from '../../services/config/settings.ts'
import { readAlertParams } from '../../services/tables.ts'
import { readCatalogue } from '../support/read-catalogue.ts'
import { dashboardDir, hasBrowser, needs, openPhone, sharedBrowser, type Phone } from './browser.ts'
import {
  readFieldPage,
  readList,
  readMap,
  readReasons,
  readToday,
  settledHeight,
  type ShownBar,
  type ShownOnMap,
  type ShownPage,
  type ShownReasons,
  type ShownRow,
} from './shown-fields.ts'

const { timeZone } = coOperative
const account = { email: 'sato@shinano-hills.example', password: 'kome-to-mizu-2026' }
const FROM_DAY = '2026-07-16'
const MIDNIGHT_MS = startOfDay('2026-08-05', timeZone)
/** hourly jobs run hourly from here on, as on a farm */
const HOURLY_FROM_MS = MIDNIGHT_MS - 6 * HOUR_MS
const BEFORE_MS = MIDNIGHT_MS - 10 * MINUTE_MS
const AFTER_MS = MIDNIGHT_MS + 70 * MINUTE_MS
/** proposals of the last days wait for a person, as in the demonstration */
const UNATTENDED_MS = 30 * HOUR_MS
const shots = join(import.meta.dirname, '../../test-output/one-truth')

const silent = {
  debug() {},
  info() {},
  warn() {},
  error: (fields: object, text: string) => console.error(text, fields),
}

/** Everything that is shown of one field. */
interface Shown {
  card: FieldCard
  detail: FieldDetail
  decision: DecisionView | null
  today: ShownRow | undefined
  list: ShownRow | undefined
  map: { outline: string | undefined; label: { status: string; word: string } | undefined }
  page: ShownPage
  why: ShownReasons | null
}

describe.skipIf(!hasBrowser)(`one field, one truth, on every screen${needs}`, () => {
  const scratch = scratchDir('one-truth')
  let browser: Browser
  let simulation: Simulation
  let member: Member
  let phone: Phone
  let url: string
  let before: Shown[]

  beforeAll(async () => {
    await mkdir(shots, { recursive: true })
    browser = await sharedBrowser()
    const settings = readSettings(
      { DATA_DIR: scratch.path, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' },
      null,
    )
    if (!settings.ok) throw new Error(settings.error)
    simulation = await startSimulation({
      place: coOperative,
      weather: weatherFromNormals('rice-plain', '2026-01-01', 'kome'),
      seed: 'kome',
      fromDay: FROM_DAY,
      settings: settings.value,
      log: silent,
      demo: true,
      weatherService: true,
      hourlyFromMs: HOURLY_FROM_MS,
      dashboardDir,
    })
    url = `http://127.0.0.1:${simulation.tilth.port}`
    await simulation.tilth.api.createUser({
      ...account,
      name: 'Sato',
      org: coOperative.org,
      orgName: coOperative.name,
      role: 'admin',
    })
    member = await signIn(url, account)
    const failDevices = scheduledFailures(simulation.devices, BEFORE_MS)
    await simulation.fastForward(HOURLY_FROM_MS, async (atMs) => {
      failDevices(atMs)
      if (atMs > BEFORE_MS - UNATTENDED_MS) return
      await member.approveAll()
      await member.setBoards((field, boardMm) =>
        simulation.world.setOutlet(field, boardMm > 0 ? boardMm : -1),
      )
    })
    await passTo(BEFORE_MS)
    phone = await openPhone(browser)
    const { page } = phone
    await page.goto(url)
    await page.getByLabel(/e-mail/i).fill(account.email)
    await page.getByLabel(/^password/i).fill(account.password)
    await page.keyboard.press('Enter')
    await page.getByRole('list', { name: 'Fields' }).waitFor()
  }, 360_000)

  afterAll(async () => {
    await phone?.close()
    await simulation?.stop()
    scratch.remove()
  })

  /** Time passes as on a farm: the jobs that are due run every ten minutes, and alerts are checked at the end, not six hours later. */
  async function passTo(toMs: AtMs): Promise<void> {
    for (let atMs = simulation.tilth.clock.now(); atMs < toMs;) {
      atMs = Math.min(toMs, atMs + 10 * MINUTE_MS)
      await simulation.fastForward(atMs)
      await simulation.tilth.jobs.tick()
      await simulation.fastForward(atMs)
    }
    simulation.tilth.alerts.checkSoon()
    await simulation.tilth.settled()
  }

  async function walk(name: string): Promise<Shown[]> {
    const { page } = phone
    const { fields } = await member.call<Today>('GET', '/api/today')
    const todayRows = await readToday(page, url, fields.length)
    await page.evaluate(() => scrollTo(0, 0))
    await picture(`${name}-today`)
    const listRows = await readList(page, fields.length)
    const map: ShownOnMap = await readMap(page, fields.length, () => picture(`${name}-map`))
    const shown: Shown[] = []
    for (const [index, card] of fields.entries()) {
      const fieldPage = await readFieldPage(page, url, card)
      await picture(`${name}-${card.id}`)
      const why = fieldPage.hasWhy ? await readReasons(page) : null
      await picture(`${name}-${card.id}-why`)
      shown.push({
        card,
        detail: await member.call<FieldDetail>('GET', `/api/fields/${card.id}?range=30d`),
        decision:
          card.decisionId === null
            ? null
            : await member.call<DecisionView>('GET', `/api/decisions/${card.decisionId}`),
        today: todayRows.get(card.id),
        list: listRows.get(card.id),
        map: { outline: map.outlines[index], label: map.labels.get(card.id) },
        page: fieldPage,
        why,
      })
    }
    return shown
  }

  /** Each farm's notification counts the fields that its people see as needing water. */
  async function notificationFaults(shown: readonly Shown[]): Promise<string[]> {
    const alerts = await simulation.tilth.state
      .selectFrom('alert')
      .select('params')
      .where('cause', '=', 'irrigation-needed')
      .where('clearedMs', 'is', null)
      .execute()
    const counts = new Map(
      alerts.map(({ params }) => {
        const { farmId, n } = readAlertParams(params)
        return [farmId, Number(n)]
      }),
    )
    return coOperative.farms.flatMap(({ id, name }) => {
      const needing = shown.filter(
        ({ card }) => card.farmId === id && card.status === 'act' && isAsking(card),
      )
      const count = counts.get(id) ?? 0
      return count === needing.length
        ? []
        : [`${name}: ${needing.length} fields need water, notified of ${count}`]
    })
  }

  async function picture(name: string): Promise<void> {
    if (process.env.PICTURES === undefined) return
    await phone.page.screenshot({ path: join(shots, `${name}.png`) })
  }

  it('before midnight no field contradicts itself', { timeout: 60_000 }, async () => {
    before = await walk('before')
    const kinds = new Set(before.map(({ card }) => card.status))
    expect(kinds.size).toBeGreaterThan(2)
    expect([...before.flatMap(contradictions), ...(await notificationFaults(before))]).toEqual([])
  })

  it('after midnight neither, and a demand without water stays a demand', { timeout: 60_000 }, async () => {
    await passTo(AFTER_MS)
    const after = await walk('after')
    expect([...after.flatMap(contradictions), ...(await notificationFaults(after))]).toEqual([])
    const watered = await simulation.tilth.state
      .selectFrom('irrigation')
      .select('fieldId')
      .where('commandedAtMs', '>=', BEFORE_MS - HOUR_MS)
      .execute()
    const unmet = before.filter(
      ({ card }) => isAsking(card) && !watered.some(({ fieldId }) => fieldId === card.id),
    )
    expect(unmet.length).toBeGreaterThan(1)
    const forgotten = unmet
      .map(({ card }) => ({ was: card, is: after.find((field) => field.card.id === card.id)!.card }))
      // its own measurements may say that it has become wetter
      .filter(({ was, is }) => !isAsking(is) && !(leftOf(is) > leftOf(was) + 4))
    expect(forgotten.map(({ was, is }) => `${was.name}: ${was.verdict.key}, then ${is.verdict.key}`)).toEqual(
      [],
    )
    expect(phone.complaints).toEqual([])
  })

  it('every tab of every field is at most 2.5 screens long', { timeout: 120_000 }, async () => {
    const { page } = phone
    const tooLong: string[] = []
    for (const { card } of before) {
      await page.goto(`${url}/fields/${card.id}`)
      for (const tab of fieldTabs) {
        await page.locator(`#tab-${tab}`).tap()
        await page.locator(`#panel-${tab} > *`).first().waitFor()
        const heightPx = await settledHeight(page)
        if (heightPx > MOST_PX) tooLong.push(`${card.name}, ${tab}: ${heightPx} px`)
      }
    }
    expect(tooLong).toEqual([])
  })
})

/** On a phone of 390 x 844, 2.5 screens. */
const MOST_PX = 2_110

const isAsking = ({ verdict }: FieldCard): boolean =>
  /^(irrigate|needs-|paddy-fill|paddy-too-dry)/.test(verdict.key)
const leftOf = ({ water, level }: FieldCard): number => water?.leftMm ?? level?.v ?? 0

const locale = createLocale(readCatalogue('en'), { language: 'en', timeZone, nowMs: () => AFTER_MS })

/** Every place where a field shows two truths; empty when it shows one. */
function contradictions(shown: Shown): string[] {
  const { card, detail, decision, today, list, map, page, why } = shown
  const found: string[] = []
  const expectSame = (place: string, actual: unknown, expected: unknown): void => {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      found.push(`${card.name}: ${place} has ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`)
  }
  const state = (what: string): void => void found.push(`${card.name}: ${what}`)

  expectSame('the field of the API', detail.field, card)
  for (const [place, row] of [
    ['Today', today],
    ['the list', list],
  ] as const) {
    expectSame(`the mark in ${place}`, row?.status, card.mark)
    expectSame(`the verdict in ${place}`, row?.word, page.word)
    if (row) barFaults(row.bar, card).forEach((fault) => state(`${place}: ${fault}`))
  }
  expectSame('the amount of the list', list?.amount, today?.amount)
  expectSame('the outline on the map', map.outline, card.mark)
  if (map.label) {
    const words = [page.word, pestText(card.pests, locale)].filter((text) => text !== null)
    expectSame('the label on the map', map.label, { status: card.mark, word: words.join(', ') })
  }
  expectSame('the status of its page', page.status, card.status)
  if (page.bar) barFaults(page.bar, card).forEach((fault) => state(`its page: ${fault}`))
  if (decision && card.verdict.key !== 'cannot-judge')
    expectSame('the decision', decision.verdict, card.verdict)
  if (why) expectSame('the verdict of Why', why.verdict, page.word)

  if (card.water) waterFaults(shown, card.water).forEach(state)
  if (card.level) levelFaults(shown, card.level).forEach(state)
  if (card.next && typeof card.verdict.params['mm'] === 'number' && isAsking(card)) {
    const { mm, atMs } = card.verdict.params
    if (Math.abs(card.next.mm - Number(mm)) >= 0.5)
      state(`the next run has ${card.next.mm} mm, the verdict ${mm} mm`)
    if (typeof atMs === 'number' && Math.abs(card.next.atMs - atMs) >= MINUTE_MS)
      state(`the next run is ${locale.when(card.next.atMs)}, the verdict states ${locale.when(atMs)}`)
  }
  const { atMs: startMs, minutes } = card.verdict.params
  if (typeof startMs === 'number' && minutes !== undefined && startMs < detail.clock.nowMs - MISSED_AFTER_MS)
    state(`${page.word}, from ${locale.when(startMs)}, which has passed`)
  if (decision && why) sumFaults(decision, why).forEach(state)
  return found
}

/** dispatch skips a run that is later */
const MISSED_AFTER_MS = 15 * MINUTE_MS
const LISTED_EDGE = 0.01
const PADDY_RANGE_MM = 150
/** a newly filled paddy is a little high (services/plan/paddy/paddy-plan.ts) */
const WET_MARGIN_MM = 10

function barFaults(bar: ShownBar, { status, water, level, targetBandMm }: FieldCard): string[] {
  const share = water
    ? Math.max(0, Math.min(1, water.leftMm / water.ofMm))
    : level?.v == null || level.fresh === 'lost'
      ? null
      : (Math.max(-PADDY_RANGE_MM, Math.min(PADDY_RANGE_MM, level.v)) + PADDY_RANGE_MM) / (2 * PADDY_RANGE_MM)
  return [
    ...(share === null ? (bar.isHatched ? [] : ['no number, and the bar is not hatched']) : []),
    ...(share !== null && (bar.share === null || Math.abs(bar.share - share) > LISTED_EDGE)
      ? [`the bar is filled to ${bar.share?.toFixed(2)}, the number is ${share.toFixed(2)} of it`]
      : []),
    ...(status === 'unknown' && !bar.isHatched ? ['unknown, and the bar is not hatched'] : []),
    ...((water ? water.leftMm >= 0 : targetBandMm !== null) &&
    !bar.isHatched &&
    bar.isGood !== (status === 'ok')
      ? [`${status}, and the bar is ${bar.isGood ? '' : 'not '}drawn as enough`]
      : []),
  ]
}

function waterFaults(
  { card, decision, today, page, detail }: Shown,
  water: NonNullable<FieldCard['water']>,
): string[] {
  const faults: string[] = []
  const leftMm = isShort(water) ? -wholeMm(water) : wholeMm(water)
  const amount = amountOf(card, locale).text
  if (today && !today.amount.startsWith(amount))
    faults.push(`Today states ${today.amount}, the API ${amount}`)
  if (water.fresh !== 'lost' && page.number !== String(wholeMm(water)))
    faults.push(`its page states ${page.number}, the API ${wholeMm(water)} mm`)
  if (water.fresh !== 'lost' && /short/.test(page.amount ?? '') !== isShort(water))
    faults.push(`its page states ${page.amount} for ${water.leftMm} mm`)
  const [lo, hi] = rangeOf(page.range)
  if (lo === null || hi === null || lo > leftMm || hi < leftMm)
    faults.push(`${leftMm} mm is not in the range of its page, ${page.range}`)
  const chartMm = /^(−?\d+)\s?mm/.exec(page.chart)?.[1]?.replace('−', '-')
  if (Number(chartMm) !== leftMm) faults.push(`${leftMm} mm, and its chart states ${page.chart}`)
  const [chartLo, chartHi] = rangeOf(page.chart)
  if (chartLo !== lo || chartHi !== hi) faults.push(`the range is ${page.range}, in the chart ${page.chart}`)
  if (detail.levels && Math.abs(detail.levels.fullMm - detail.levels.refillMm - water.ofMm) > 0.05)
    faults.push(
      `of ${water.ofMm} mm, and in the chart of ${detail.levels.fullMm - detail.levels.refillMm} mm`,
    )
  const now = decision?.terms.find(({ key }) => key === 'available-now')
  if (now && now.mm !== water.leftMm) faults.push(`${water.leftMm} mm left, and in Why ${now.mm} mm`)
  if (card.status === 'ok' && !isFlowing(card) && leftMm <= 0) faults.push(`${page.word}, and ${amount}`)
  if (water.fresh === 'lost' && card.status === 'ok' && water.loMm <= 0)
    faults.push(`OK, but estimated, and perhaps ${water.loMm} mm`)
  return faults
}

/** Its water is given now: it is OK at any level. */
const isFlowing = ({ verdict }: FieldCard): boolean => /^(watering|starting)$/.test(verdict.key)

function levelFaults(
  { card, decision, page, today }: Shown,
  level: NonNullable<FieldCard['level']>,
): string[] {
  const faults: string[] = []
  if (level.v === null) return faults
  const shown = locale.level(level.v)
  if (level.fresh !== 'lost') {
    if (page.number !== shown) faults.push(`its page states ${page.number}, the API ${shown} cm`)
    if (!today?.amount.includes(shown)) faults.push(`Today states ${today?.amount}, the API ${shown} cm`)
    if (!page.chart.startsWith(shown)) faults.push(`${shown} cm, and its chart states ${page.chart}`)
  }
  const decided = decision?.terms.find(({ key }) => key === 'level-now')?.params?.['levelMm']
  if (typeof decided === 'number' && locale.level(decided) !== shown)
    faults.push(`${shown} cm, and in Why ${locale.level(decided)} cm`)
  const [lo, hi] = card.targetBandMm ?? [null, null]
  const isOutside = lo !== null && hi !== null && (level.v < lo - 0.5 || level.v > hi + WET_MARGIN_MM)
  if (isOutside && card.status === 'ok' && !isFlowing(card))
    faults.push(`${page.word}, and ${shown} cm is outside ${locale.level(lo)} to ${locale.level(hi)} cm`)
  return faults
}

/** The two ends of a range in a text: "likely −3–12 mm". */
function rangeOf(text: string | null): [number | null, number | null] {
  const match = /(−?\d+)\s?(?:–|to)\s?(−?\d+)/.exec(text ?? '')
  const numberOf = (part: string | undefined): number | null =>
    part === undefined ? null : Number(part.replace('−', '-'))
  return [numberOf(match?.[1]), numberOf(match?.[2])]
}

/** The terms of the decision add up to its result, and the printed steps to the printed end: the result and the run. */
function sumFaults(decision: DecisionView, why: ShownReasons): string[] {
  const resultAt = decision.terms.findIndex(({ key }) => key.endsWith('-then'))
  if (resultAt < 0) return []
  const parts = decision.terms.slice(0, resultAt)
  const resultMm = decision.terms[resultAt]!.mm ?? 0
  const sumMm = parts.reduce((sum, { mm }) => sum + (mm ?? 0), 0)
  const faults =
    Math.abs(sumMm - resultMm) > 0.05
      ? [`the terms add up to ${sumMm.toFixed(1)} mm, the result is ${resultMm} mm`]
      : []
  const figures = why.terms.map(({ amount }) =>
    (amount.replaceAll('−', '-').match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number),
  )
  // unknown rain is a dash
  const printed = figures.map(([figure]) => figure ?? 0)
  const end = printed.at(-1) ?? NaN
  const printedSum = printed.slice(0, -1).reduce((sum, figure) => sum + figure, 0)
  const run = decision.terms.find(({ key }) => key === 'depth' || key === 'fill')
  const runMm = Number(run?.params?.['netMm'] ?? 0)
  if (
    figures.some((found) => found.length > 1) ||
    Math.abs(printedSum - end) > 0.05 ||
    Math.abs(resultMm + runMm - end) > 0.05
  )
    faults.push(
      `the printed steps do not add up: ${why.terms.map(({ name, amount }) => `${name} ${amount}`).join('; ')}`,
    )
  return faults
}
