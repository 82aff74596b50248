/** The plan on real rows: SQLite in memory, a real broker and MQTT client, a virtual clock. */
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { internalTopic } from '../../../../broker/contract/topics.ts'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { openMqttBus, type MqttBus } from '../../../../services/adapters/bus/mqtt-bus.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { ChangeEvent } from '../../../../services/ports.ts'
import type { ForecastResponse } from '../../../../services/ports/forecast.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import { startPlanner, type Planner } from '../../../../services/plan/run/planner.ts'
import { planChanges } from '../../../../services/plan/run/changeset.ts'
import { savePlans } from '../../../../services/plan/run/save-plan.ts'
import { readFarms } from '../../../../services/plan/snapshot.ts'
import {
  readAdviceParams,
  readDecision,
  readRainSkip,
  toJson,
  type FieldStateRow,
  type RunRow,
} from '../../../../services/tables.ts'
import {
  alertRow,
  at,
  farmRow,
  fieldRow,
  irrigationRow,
  pumpRow,
  rainForecast,
  requestRow,
  runRow,
  seasonRow,
  stateRow,
  zoneRow,
} from '../farm.ts'
import { openTestState } from '../../../support/state.ts'
import { treatmentPlan } from '../../../support/treatment-plan.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const topic = internalTopic('demo', 'event')

let server: Server
let broker: Aedes
let bus: MqttBus
let store: OpenState
let clock: VirtualClock
let plan: Planner
let answer: ForecastResponse | null
let announced: ChangeEvent[]

const parsed = (payload: Uint8Array): ChangeEvent => {
  const text = Buffer.from(payload).toString()
  return text.endsWith('}') ? (JSON.parse(text) as ChangeEvent) : { event: 'alert', atMs: 0, id: text }
}

beforeEach(async () => {
  broker = await Aedes.createBroker()
  server = createServer(broker.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  bus = await openMqttBus({ url: `mqtt://127.0.0.1:${port}`, clientId: 'services' }, { log: quiet })
  store = await openTestState()
  clock = virtualClock(at(-4, 5))
  answer = null
  announced = []
  await bus.subscribe(topic, ({ payload }) => void announced.push(parsed(payload)))
  const { state } = store
  await state.insertInto('farm').values(farmRow).execute()
  await state.insertInto('field').values(fieldRow()).execute()
  await state.insertInto('season').values(seasonRow()).execute()
  await state.insertInto('zone').values(zoneRow()).execute()
  await state.insertInto('pump').values(pumpRow()).execute()
  await state.insertInto('fieldState').values(stateRow()).execute()
  await begin()
})

afterEach(async () => {
  await plan.stop()
  await bus.close()
  await store.close()
  await new Promise<void>((resolve) => broker.close(() => resolve()))
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

async function begin(): Promise<void> {
  plan = await startPlanner({
    state: store.state,
    forecast: { daily: async () => answer },
    bus,
    clock,
    log: quiet,
  })
  clock.onSettle(() => plan.settled())
}
const hourly = async (): Promise<void> => {
  const [job] = plan.jobs
  await job!.run((await job!.lastDue(clock.now()))!)
  await plan.settled()
}
const runs = (): Promise<RunRow[]> =>
  store.state.selectFrom('run').selectAll().orderBy('startMs').orderBy('updatedAtMs').execute()
const advice = () => store.state.selectFrom('advice').selectAll().executeTakeFirstOrThrow()
const whys = () => store.state.selectFrom('decision').selectAll().orderBy('atMs').execute()
const setState = (set: Partial<FieldStateRow>) =>
  store.state.updateTable('fieldState').set(set).where('fieldId', '=', 'field-1').execute()
/** The broker acknowledges before it forwards: wait for the message. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turns = 0; !isTrue(); turns++) {
    if (turns > 2_000) throw new Error('not heard within two seconds')
    await sleep(1)
  }
}
const own = () => announced.filter((event) => event.id?.startsWith('plan:'))
let messageCount = 0
async function say(event: Omit<ChangeEvent, 'atMs' | 'id'>): Promise<void> {
  const id = `test-${++messageCount}`
  await bus.publish(topic, JSON.stringify({ atMs: clock.now(), id, ...event }), { qos: 1, retain: false })
  await until(() => announced.some((one) => one.id === id))
  // the plan coalesces events for three seconds
  await clock.advanceTo(clock.now() + 5_000)
}

describe('the hourly plan', () => {
  it('writes the run, its reasons and the advice, and notifies the phones once', async () => {
    await hourly()
    const [run] = await runs()
    expect(run).toMatchObject({
      state: 'approved',
      startMs: at(4),
      minutes: 300,
      grossMm: 50,
      actor: 'plan',
      day: '2026-07-24',
    })
    const [why] = await whys()
    expect(run!.decisionId).toBe(why!.id)
    expect(readDecision(why!.body)).toMatchObject({ key: 'irrigate', planVersion: run!.planVersion })
    expect(readDecision(why!.body).inputs).toMatchObject([{ key: 'soil.moisture', value: 18 }])
    expect(await advice()).toMatchObject({
      status: 'soon',
      key: 'irrigate',
      decisionId: why!.id,
      nextRunId: run!.id,
    })
    await until(() => own().length > 0)
    expect(own()).toMatchObject([{ event: 'plan', fields: ['field-1'] }])
  })

  it('irrigates no sprayed field with a sprinkler before the spray is rain-fast', async () => {
    await store.state
      .insertInto('treatment')
      .values({
        id: 'spray',
        org: 'demo',
        farmId: 'farm-1',
        fieldId: 'field-1',
        seasonId: 'season-1',
        target: 'soybean-pod-borer',
        productId: 'product',
        state: 'done',
        fromMs: at(-6),
        toMs: at(-5),
        plan: toJson(treatmentPlan({ rainFastHours: 72 })),
        record: null,
        createdBy: 'person',
        createdAtMs: at(-7),
        confirmedBy: 'person',
        confirmedAtMs: at(-7),
        recordedBy: null,
        recordedAtMs: null,
        voidedBy: null,
        voidedAtMs: null,
        voidReason: null,
      })
      .execute()
    await hourly()
    for (const { startMs } of await runs()) expect(startMs).toBeGreaterThanOrEqual(at(67))
  })

  describe('of a field that is silent and has a fixed schedule', () => {
    beforeEach(async () => {
      await setState({ freshness: 'lost', inputs: toJson([]) })
      await store.state
        .insertInto('fixedSchedule')
        .values({
          fieldId: 'field-1',
          org: 'demo',
          depthMm: 12,
          everyDays: 3,
          waterPricePerM3: null,
          currency: null,
        })
        .execute()
    })

    it('irrigates by the schedule', async () => {
      await hourly()
      expect(await advice()).toMatchObject({ key: 'fallback' })
      expect(await runs()).toMatchObject([{ state: 'approved', grossMm: 12 }])
    })

    it('waits for the interval since the last irrigation', async () => {
      await store.state
        .insertInto('irrigation')
        .values(irrigationRow({ commandedAtMs: at(-12), ranMs: 20 * MINUTE_MS }))
        .execute()
      await hourly()
      expect(await advice()).toMatchObject({ key: 'fallback-not-due' })
      expect(await runs()).toEqual([])
    })
  })

  it('is due at five past, also in a process that was down', () => {
    const [job] = plan.jobs
    expect(job!.lastDue(at(7, 4))).toBe(at(6, 5))
    expect(job!.lastDue(at(7, 5))).toBe(at(7, 5))
  })

  it('on the same state writes nothing and publishes nothing', async () => {
    await hourly()
    const before = [await runs(), await whys(), await advice()]
    await until(() => own().length === 1)
    announced = []
    for (let hour = 1; hour <= 4; hour++) {
      await clock.advanceTo(at(-4 + hour, 5))
      await hourly()
    }
    expect([await runs(), await whys(), await advice()]).toEqual(before)
    expect(announced).toEqual([])
  })

  it('ignores its own events', async () => {
    await hourly()
    await until(() => own().length === 1)
    const timers = clock.nextAt()
    await clock.advanceTo(clock.now() + MINUTE_MS)
    // no event was coalesced: the next timer is still the pass before the run
    expect(clock.nextAt()).toBe(timers)
    expect(own()).toHaveLength(1)
  })

  it('a decision to do nothing is written again only when its numbers have changed', async () => {
    await setState({ depletionMm: 10 })
    await hourly()
    await clock.advanceTo(at(-3, 5))
    await setState({ depletionMm: 10.4, atMs: at(-3) })
    await hourly()
    expect(await whys()).toHaveLength(1)
    await clock.advanceTo(at(-2, 5))
    await setState({ depletionMm: 12, atMs: at(-2) })
    await hourly()
    expect(await whys()).toHaveLength(2)
    expect(readAdviceParams((await advice()).params)).toMatchObject({ leftMm: 33 })
  })

  it('survives a forecast that throws, and plans without it', async () => {
    await plan.stop()
    const broken = { daily: () => Promise.reject(new Error('away')) }
    plan = await startPlanner({ state: store.state, forecast: broken, bus, clock, log: quiet })
    await hourly()
    expect(await runs()).toHaveLength(1)
  })

  it('an organisation without fields, and a field without a state, break nothing', async () => {
    await store.state
      .insertInto('farm')
      .values({ ...farmRow, id: 'farm-2', org: 'empty' })
      .execute()
    await store.state
      .insertInto('field')
      .values(fieldRow({ id: 'field-9' }))
      .execute()
    await store.state
      .insertInto('season')
      .values(seasonRow({ fieldId: 'field-9' }))
      .execute()
    await hourly()
    const row = await store.state
      .selectFrom('advice')
      .selectAll()
      .where('fieldId', '=', 'field-9')
      .executeTakeFirst()
    expect(row).toMatchObject({ status: 'unknown', key: 'cannot-judge' })
  })
})

describe('changes between two plans', () => {
  it('a pause set on the phone withdraws the run within seconds, and its end plans it again', async () => {
    await hourly()
    await store.state
      .updateTable('zone')
      .set({ pausedUntilMs: at(3) })
      .execute()
    await say({ event: 'plan', fields: ['field-1'] })
    expect(await runs()).toMatchObject([{ state: 'cancelled', endReason: 'zone-changed' }])
    expect(await advice()).toMatchObject({ status: 'act', key: 'needs-paused', nextRunId: null })
    await clock.advanceTo(at(3, 5))
    await setState({ atMs: at(3), etcTodayMm: 0 })
    await hourly()
    expect((await runs()).map((run) => run.state)).toEqual(['cancelled', 'approved'])
  })

  it('a run that dispatch has sent is never changed, even when the need is gone', async () => {
    await hourly()
    await store.state.updateTable('run').set({ state: 'sent' }).execute()
    await setState({ depletionMm: 0 })
    await say({ event: 'field', fields: ['field-1'] })
    expect(await runs()).toMatchObject([{ state: 'sent' }])
    expect(await advice()).toMatchObject({ key: 'watering', status: 'ok' })
  })

  it('a run that dispatch sends while its replacement is being written stays the only one', async () => {
    await hourly()
    await store.state.updateTable('zone').set({ adjustPercent: -50 }).execute()
    const nowMs = clock.now()
    const [farm] = await readFarms(store.state, { org: 'demo' }, nowMs)
    const drawn = planFarm(farm!, { nowMs, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
    await store.state.updateTable('run').set({ state: 'sent' }).execute()
    const draft = planChanges(farm!, drawn, { nowMs, planVersion: '1-late', newId: () => 'late' })
    expect(draft.changes.insert).toHaveLength(1)
    expect(await savePlans(store.state, [draft])).toEqual(['farm-1'])
    expect(await runs()).toMatchObject([{ state: 'sent', endReason: null }])
  })

  it('rain between the plan and the run skips the run, and shows the reason', async () => {
    answer = rainForecast([
      [0, 2, 6],
      [0, 2, 6],
    ])
    await hourly()
    const [run] = await runs()
    const rainSkip = readRainSkip(run!.rainSkip!)
    // 5 of 45 mm are left and 6 go in a day: 1 mm of rain carries to the next morning
    expect(rainSkip).toMatchObject({ key: 'rain-by', mm: 1, byMs: at(4) })
    await store.state
      .insertInto('fieldDay')
      .values({
        fieldId: 'field-1',
        day: '2026-07-23',
        org: 'demo',
        et0Method: 'fao56-pm',
        irrigationMm: 0,
        irrigationSource: 'none',
        rainMm: 0.4,
        notes: '[]',
      } as never)
      .execute()
    await setState({ atMs: at(3), etcTodayMm: 0, rainTodayMm: 0.8, depletionMm: 39.6 })
    // without any event the plan runs just before the run
    await clock.advanceTo(at(3, 58))
    const [skipped] = await runs()
    expect(skipped).toMatchObject({ state: 'skipped', endReason: 'rain-reached' })
    // 0.4 mm of yesterday and 0.8 of today, with the time of evaluation
    expect(readRainSkip(skipped!.rainSkip!)).toMatchObject({ mm: 1, measuredMm: 1.2, judgedMs: at(3, 57) })
  })

  it('insufficient rain is evaluated again just before the run, and the run stores the measured rain', async () => {
    answer = rainForecast([
      [0, 2, 6],
      [0, 2, 6],
    ])
    await hourly()
    await store.state
      .insertInto('fieldDay')
      .values({
        fieldId: 'field-1',
        day: '2026-07-23',
        org: 'demo',
        et0Method: 'fao56-pm',
        notes: '[]',
        irrigationMm: 0,
        irrigationSource: 'none',
        rainMm: 0.3,
      } as never)
      .execute()
    await setState({ atMs: at(3), etcTodayMm: 0, rainTodayMm: 0.2, depletionMm: 39.6 })
    await clock.advanceTo(at(3, 58))
    const [run] = await runs()
    expect(run).toMatchObject({ state: 'approved', endReason: null })
    expect(readRainSkip(run!.rainSkip!)).toMatchObject({ mm: 1, measuredMm: 0.5, judgedMs: at(3, 57) })
  })

  it('a forecast of rain that never came is not in the balance', async () => {
    answer = rainForecast([
      [0, 60, 90],
      [0, 60, 90],
    ])
    const before = await store.state.selectFrom('fieldState').selectAll().execute()
    await hourly()
    await clock.advanceTo(at(20))
    await hourly()
    expect(await store.state.selectFrom('fieldState').selectAll().execute()).toEqual(before)
    expect(await store.state.selectFrom('fieldDay').selectAll().execute()).toEqual([])
    expect(await store.state.selectFrom('irrigation').selectAll().execute()).toEqual([])
    expect(await store.state.selectFrom('forecastDay').select('rainMidMm').execute()).not.toEqual([])
  })

  it('a proposal waits for its approval with a start that is still to come, until the window closes', async () => {
    await store.state.updateTable('zone').set({ mode: 'approve', windowToMin: 600 }).execute()
    await hourly()
    const [first] = await runs()
    await setState({ atMs: at(3), etcTodayMm: 0 })
    await clock.advanceTo(at(4, 50))
    const [moved] = await runs()
    expect(moved).toMatchObject({ id: first!.id, state: 'proposed' })
    // dispatch accepts an approval up to 15 minutes after the start
    expect(moved!.startMs + 15 * MINUTE_MS).toBeGreaterThan(clock.now())
    await store.state.updateTable('run').set({ state: 'approved', approvedBy: 'user-1' }).execute()
    await say({ event: 'command', fields: ['field-1'] })
    expect(await runs()).toMatchObject([{ id: first!.id, state: 'approved', approvedBy: 'user-1' }])
  })

  it('after a run the field is at rest, before and after the balance contains it', async () => {
    await store.state
      .insertInto('run')
      .values(runRow({ state: 'done', endReason: 'timer', minutes: 300 }))
      .execute()
    await store.state
      .insertInto('irrigation')
      .values(irrigationRow({ runId: 'run-1', closedAtMs: at(9), netMm: 40 }))
      .execute()
    await setState({ atMs: at(4), etcTodayMm: 0 })
    await clock.advanceTo(at(9, 5))
    await hourly()
    expect((await runs()).filter((run) => run.state === 'approved')).toEqual([])
    await setState({ atMs: at(9), etcTodayMm: 1, depletionMm: 1 })
    await say({ event: 'field', fields: ['field-1'] })
    expect((await runs()).filter((run) => run.state === 'approved')).toEqual([])
    expect(await advice()).toMatchObject({ status: 'ok', key: 'enough' })
  })

  it('a person who stopped the valve is not overruled that morning', async () => {
    await store.state
      .insertInto('request')
      .values(requestRow({ atMs: at(4, 30) }))
      .execute()
    await clock.advanceTo(at(5, 5))
    await setState({ atMs: at(5), etcTodayMm: 0, depletionMm: 44 })
    await hourly()
    expect(await runs()).toMatchObject([{ state: 'approved', startMs: at(28) }])
  })

  it('a fault of the controller withdraws the run within seconds, and its end plans one again', async () => {
    await hourly()
    await store.state.insertInto('alert').values(alertRow()).execute()
    await say({ event: 'alert', fields: ['field-1'] })
    expect(await runs()).toMatchObject([{ state: 'cancelled', endReason: 'valve-blocked' }])
    expect(await advice()).toMatchObject({ status: 'act', key: 'needs-valve', nextRunId: null })
    await store.state.updateTable('alert').set({ clearedMs: clock.now() }).execute()
    await say({ event: 'alert', fields: ['field-1'] })
    expect((await runs()).map(({ state }) => state)).toEqual(['cancelled', 'approved'])
    expect(await advice()).toMatchObject({ status: 'soon', key: 'irrigate' })
  })

  it('after a start nobody is called for a silence from before the start', async () => {
    const missed = runRow({ id: 'missed', state: 'skipped', endReason: 'window-missed', startMs: at(-5) })
    await store.state.insertInto('run').values(missed).execute()
    await say({ event: 'field', fields: ['field-1'] })
    expect(await advice()).toMatchObject({ status: 'soon', key: 'irrigate' })
    await clock.advanceTo(clock.now() + 15 * MINUTE_MS)
    await say({ event: 'field', fields: ['field-1'] })
    expect(await advice()).toMatchObject({ status: 'act', key: 'needs-valve' })
  })

  it('invalid messages on the bus are ignored', async () => {
    await bus.publish(topic, '{"event":', { qos: 1, retain: false })
    await bus.publish(topic, '[]', { qos: 1, retain: false })
    await say({ event: 'reading', fields: ['field-1'] })
    await say({ event: 'field', fields: ['no-such-field'] })
    expect(await runs()).toEqual([])
    await say({ event: 'field' })
    expect(await runs()).toHaveLength(1)
  })

  it('a new process continues where the old one stopped', async () => {
    await hourly()
    await plan.stop()
    await begin()
    await clock.advanceTo(at(-3, 5))
    await hourly()
    expect(await runs()).toHaveLength(1)
    expect(await whys()).toHaveLength(1)
  })
})
