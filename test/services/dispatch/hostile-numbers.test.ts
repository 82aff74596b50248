/** A controller with a wrong meter, damaged memory, or in the hands of an attacker: its numbers harm no record and no valve. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_SEQ, MAX_SEQ_AHEAD } from '../../../broker/contract/bounds.ts'
import { parseOpenings } from './opened-seqs.ts'
import { startFarm, type Farm } from './farm.ts'

const MINUTE = 60_000
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

const irrigations = () => farm.state.selectFrom('irrigation').selectAll().orderBy('commandedAtMs').execute()
const alerts = async (cause: string) =>
  (await farm.state.selectFrom('alert').selectAll().where('cause', '=', cause).execute()).filter(
    ({ clearedMs }) => clearedMs === null,
  )
const audits = (action: string) =>
  farm.state.selectFrom('audit').select('detail').where('action', '=', action).execute()

type Changes = Record<string, number>
/** The ends of runs are reported with these numbers. */
const reportEnds = (changes: Changes) =>
  farm.controller.distort((kind, message) => {
    const spoil = (entries: unknown) =>
      (entries as { pos?: string }[]).map((entry) =>
        entry.pos === 'open' ? entry : { ...entry, ...changes },
      )
    if (kind === 'ack') {
      const isEnd = message['st'] === 'done' || message['st'] === 'aborted'
      return { ...message, jr: spoil(message['jr']), ...(isEnd ? changes : {}) }
    }
    if (kind === 'state') return { ...message, valves: spoil(message['valves']), jr: spoil(message['jr']) }
    return message
  })

describe('litres that cannot have flowed', () => {
  // 50 L/min: at most 3 x 50 x 10 L, and a pulse of a minute
  it.each([
    ['a meter that counts in mL', { litres: 500_000 }, 500_000],
    ['damaged memory', { litres: 1e308 }, 1e12],
    ['a negative count', { litres: -1 }, -1],
  ])('(%s) are recorded by rate, with an alert and the number as sent', async (_, changes, shown) => {
    await farm.controller.connect()
    await farm.pass(10_000)
    reportEnds(changes)
    await farm.addRun()
    await farm.pass(12 * MINUTE)
    expect(await irrigations()).toMatchObject([{ volumeSource: 'rate', litres: 500, grossMm: 1 }])
    const [alert] = await alerts('meter-implausible')
    expect(JSON.parse(alert!.params)).toEqual({ valve: 'V1', litres: shown, mostLitres: 1550 })
    const [audit] = await audits('meter-implausible')
    expect(JSON.parse(audit!.detail)).toMatchObject({ litres: changes.litres, usedLitres: 500, seq: 1 })
  })

  it('raise one alert, which the next plausible run clears', async () => {
    await farm.controller.connect()
    await farm.pass(10_000)
    reportEnds({ litres: 500_000 })
    for (let run = 0; run < 2; run++) {
      await farm.addRun()
      await farm.pass(12 * MINUTE)
    }
    expect(await alerts('meter-implausible')).toHaveLength(1)
    farm.controller.distort((_, message) => message)
    await farm.addRun()
    await farm.pass(12 * MINUTE)
    expect(await alerts('meter-implausible')).toEqual([])
    expect((await irrigations()).map(({ volumeSource }) => volumeSource)).toEqual(['rate', 'rate', 'metered'])
  })

  it('a flow that a burst pipe explains stays metered', async () => {
    await farm.controller.connect()
    await farm.pass(10_000)
    reportEnds({ litres: 1_400 })
    await farm.addRun()
    await farm.pass(12 * MINUTE)
    expect(await irrigations()).toMatchObject([{ volumeSource: 'metered', litres: 1_400 }])
  })

  it('count by rate against the daily limit', async () => {
    await farm.state.updateTable('zone').set({ dailyMaxLitres: 1_100 }).execute()
    await farm.controller.connect()
    await farm.pass(10_000)
    reportEnds({ litres: 1e308 })
    for (let run = 0; run < 2; run++) {
      await farm.addRun()
      await farm.pass(12 * MINUTE)
    }
    expect((await irrigations()).map(({ litres }) => litres)).toEqual([500, 500])
  })
})

it('a run time beyond the order counts as ordered, and a rule is reported as broken', async () => {
  await farm.controller.connect()
  await farm.pass(10_000)
  reportEnds({ ranMs: 9e15, litres: 1e308 })
  await farm.addRun()
  await farm.pass(12 * MINUTE)
  expect(await irrigations()).toMatchObject([{ ranMs: 10 * MINUTE + 1_000, volumeSource: 'rate' }])
  expect((await irrigations())[0]!.litres).toBeCloseTo(500, -1)
  expect(await alerts('rule-broken')).not.toEqual([])
})

it('a run in the journal that was not ordered here is bounded too', async () => {
  await farm.controller.connect()
  await farm.pass(10_000)
  await farm.addRun()
  await farm.pass(12 * MINUTE)
  const jr = [{ valve: 'V1', seq: 3, ranMs: 9e15, litres: 1e308, why: 'timer' }]
  const { sess, sv } = farm.controller.device()
  farm.controller.publish('ack', { sess, valve: 'V1', seq: 3, st: 'dup', ranMs: 0, last: 3, jr, sv })
  await farm.pass(1_000)
  const row = (await irrigations()).find(({ cause }) => cause === 'unexpected')!
  expect(row).toMatchObject({ ranMs: 24 * 60 * MINUTE, volumeSource: 'rate', litres: 50 * 1_440 })
  expect(await alerts('meter-implausible')).toHaveLength(1)
})

describe('sequence numbers that a controller cannot have used', () => {
  /** Every state reports that V1 has consumed this number. */
  const pretendLast = (seq: number) =>
    farm.controller.distort((kind, message) =>
      kind === 'state' ? { ...message, last: { ...(message['last'] as object), V1: seq } } : message,
    )

  it.each([2 ** 53 - 1, MAX_SEQ, MAX_SEQ_AHEAD + 1])(
    '%d is refused by name; the valve opens under the next number',
    async (seq) => {
      pretendLast(seq)
      await farm.controller.connect()
      await farm.pass(10_000)
      expect((await farm.ask({ minutes: 2 })).state).toBe('accepted')
      await farm.pass(MINUTE)
      expect(farm.controller.isOpen()).toBe(true)
      expect(parseOpenings(farm.controller.commands())).toEqual([1])
      const [alert] = await alerts('message-refused')
      expect(JSON.parse(alert!.params)).toEqual({
        valve: 'V1',
        reason: `last.V1: expected at most ${MAX_SEQ_AHEAD}, got ${seq}`,
      })
      await farm.pass(3 * MINUTE)
      // a session with a possible number clears it
      farm.controller.distort((_, message) => message)
      await farm.controller.unplug()
      await farm.controller.connect()
      await farm.pass(10_000)
      await farm.pass(MINUTE)
      expect(await alerts('message-refused')).toEqual([])
      expect((await farm.ask({ minutes: 2 })).state).toBe('accepted')
      await farm.pass(MINUTE)
      expect(farm.controller.isOpen()).toBe(true)
    },
  )

  it('one that another server can have used is skipped, as after a restored backup', async () => {
    pretendLast(MAX_SEQ_AHEAD)
    await farm.controller.connect()
    await farm.pass(10_000)
    await farm.ask({ minutes: 2 })
    await farm.pass(10_000)
    expect(parseOpenings(farm.controller.commands())).toEqual([MAX_SEQ_AHEAD + 1])
    expect(await alerts('sequence-mismatch')).toHaveLength(1)
  })

  it('in an ack do not reach the number of the fence, and the pump is free again', async () => {
    await farm.state.updateTable('pump').set({ maxOpenValves: 1 }).execute()
    await farm.controller.connect()
    await farm.pass(10_000)
    farm.controller.distort((kind, message) =>
      kind === 'ack' ? { ...message, last: 2 ** 53 - 1, jr: [] } : message,
    )
    await farm.ask({ minutes: 5 })
    await farm.pass(10_000)
    const { state } = await farm.ask({ kind: 'stop' })
    await farm.pass(20_000)
    expect([state, farm.controller.isOpen()]).toEqual(['accepted', false])
    const rows = await farm.state.selectFrom('command').select(['seq', 'state']).orderBy('seq').execute()
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2])
    expect(rows[0]!.state).toBe('aborted')
    expect((await farm.ask({ zoneId: 'zone-2', minutes: 2 })).state).toBe('accepted')
    await farm.pass(10_000)
    expect(farm.controller.isOpen('V2')).toBe(true)
  })

  it('a valve without a number left is refused with its reason, and STOP works', async () => {
    await farm.state
      .insertInto('valveSequence')
      .values({
        deviceId: 'controller-1',
        valve: 'V1',
        org: 'green-coop',
        usedSeq: MAX_SEQ - 2,
        lockoutClearedSeq: 0,
      })
      .execute()
    await farm.controller.connect()
    await farm.pass(10_000)
    expect(await farm.ask({ minutes: 2 })).toMatchObject({ state: 'refused', reason: 'sequence-exhausted' })
    expect((await farm.ask({ kind: 'stop' })).state).toBe('accepted')
    expect((await farm.ask({ zoneId: 'zone-2', minutes: 2 })).state).toBe('accepted')
  })
})

it('a start that the store rejects is refused with its reason, and the next one opens', async () => {
  await farm.controller.connect()
  await farm.pass(10_000)
  const repair = await farm.breakTable('command', ['insert'])
  expect(await farm.ask({ minutes: 2 })).toMatchObject({ state: 'refused', reason: 'not-recorded' })
  expect((await farm.ask({ kind: 'stop-all' })).state).toBe('accepted')
  await repair()
  // nothing opens within two seconds after STOP
  await farm.pass(3_000)
  expect((await farm.ask({ minutes: 2 })).state).toBe('accepted')
  await farm.pass(10_000)
  expect(farm.controller.isOpen()).toBe(true)
})

it('a state with an impossible number is refused by name until a valid one arrives', async () => {
  await farm.controller.connect()
  await farm.pass(10_000)
  farm.controller.distort((kind, message) => (kind === 'state' ? { ...message, monoMs: 9e15 } : message))
  await farm.pass(2 * MINUTE)
  const [alert] = await alerts('message-refused')
  expect(JSON.parse(alert!.params)).toMatchObject({ valve: null })
  expect(JSON.parse(alert!.params).reason).toMatch(/^state: monoMs: must be <= \d+, got 9000000000000000$/)
  farm.controller.distort((_, message) => message)
  await farm.pass(2 * MINUTE)
  expect(await alerts('message-refused')).toEqual([])
})

describe('the time of an opening', () => {
  it('is that of the valve, not of the server that was down', async () => {
    await farm.controller.connect()
    await farm.pass(10_000)
    farm.controller.distort((kind, message) => (kind === 'heartbeat' ? message : null))
    await farm.addRun({ minutes: 10 })
    const startMs = farm.clock.now()
    await farm.stopDispatch()
    await farm.pass(30_000)
    farm.controller.distort((_, message) => message)
    await farm.startDispatch()
    await farm.pass(15 * MINUTE)
    const [record] = await irrigations()
    const [opening] = farm.controller.openings()
    expect(record!.openedAtMs).toBe(opening!.openedMs)
    expect(record!.openedAtMs! - startMs).toBeLessThan(1_000)
    expect(record!.closedAtMs! - record!.openedAtMs!).toBe(record!.ranMs)
  })
})

describe('a valve whose controller is silent', () => {
  const bound = async () =>
    (
      await farm.state
        .selectFrom('valveState')
        .select('boundMs')
        .where('valve', '=', 'V1')
        .executeTakeFirstOrThrow()
    ).boundMs!

  it('is closed at the latest at the end of its lease, and is shown so', async () => {
    await farm.controller.connect()
    await farm.pass(10_000)
    await farm.addRun({ minutes: 30 })
    await farm.pass(3 * MINUTE)
    await farm.controller.unplug()
    const lostMs = farm.clock.now()
    await farm.pass(30_000)
    expect(await bound()).toBeLessThanOrEqual(lostMs + 121_000)
    await farm.pass(3 * MINUTE)
    expect(farm.controller.openings()[0]!.closedMs!).toBeLessThanOrEqual(await bound())
    expect((await bound()) - farm.controller.openings()[0]!.closedMs!).toBeLessThanOrEqual(6_000)
    expect(farm.dispatch().incidents()).toEqual({})
  })

  it('gets the end of its duration again when the controller is back', async () => {
    await farm.controller.connect()
    await farm.pass(10_000)
    await farm.addRun({ minutes: 30 })
    await farm.pass(3 * MINUTE)
    const openedMs = farm.controller.openings()[0]!.openedMs
    await farm.controller.unplug()
    await farm.pass(40_000)
    await farm.controller.connect()
    await farm.pass(10_000)
    await farm.pass(20_000)
    expect(await bound()).toBeCloseTo(openedMs + 30 * MINUTE, -3)
    expect(farm.controller.isOpen()).toBe(true)
    expect(farm.dispatch().incidents()).toEqual({})
  })

  it('is bounded by its duration when that ends first', async () => {
    await farm.controller.connect()
    await farm.pass(10_000)
    await farm.addRun({ minutes: 4 })
    await farm.pass(3 * MINUTE)
    const openedMs = farm.controller.openings()[0]!.openedMs
    await farm.controller.unplug()
    await farm.pass(30_000)
    expect(await bound()).toBeLessThanOrEqual(openedMs + 4 * MINUTE + 1_000)
  })
})
