/** The invariants of the valve protocol that need the server's own parts, the monitors, and a restored backup. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newLifecycle, reduceLifecycle } from '../../../../broker/contract/command-lifecycle/reduce.ts'
import { scaleTiming, standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import type { State } from '../../../../broker/contract/messages.ts'
import { topicOf } from '../../../../broker/contract/topics.ts'
import { registerIncidents } from '../../../../services/dispatch/protocol-monitor/incident-metric.ts'
import { rules } from '../../../../services/dispatch/protocol-monitor/rules.ts'
import {
  newObservedState,
  type Order,
  type ObservedState,
} from '../../../../services/dispatch/protocol-monitor/observed-state.ts'
import { observeDevice } from '../../../../services/dispatch/protocol-monitor/watch-device.ts'
import {
  openingOrigin,
  checkOpenCommand,
  checkOpening,
  checkRunDose,
  checkSending,
} from '../../../../services/dispatch/protocol-monitor/watch-order.ts'
import { checkInterlocks } from '../../../../services/dispatch/interlocks/interlocks.ts'
import { supplyChain } from '../../../../services/domain/water-supply.ts'
import { toJson, type PumpRow } from '../../../../services/tables.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG, zone } from '../farm-rows.ts'
import { runs } from '../../../support/runs.ts'

const MINUTE = 60_000
const root = join(import.meta.dirname, '../../../..')

describe('the table of invariants', () => {
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  const lines = join(root, 'bench/torture/lines')
  const support = read('bench/torture/support/intents.ts')

  it.each(Object.entries(rules))('%s has a test, a monitor that fires, and existing figures', (rule, of) => {
    const { proof, monitor, fires, figure, faults } = of
    for (const [file, words] of [proof, fires]) expect(read(file)).toContain(words)
    expect(read(`services/dispatch/protocol-monitor/${monitor}`)).toContain(`'${rule}'`)
    const isOfAll = support.includes(figure)
    for (const line of faults) {
      const [file] = readdirSync(lines).filter((name) => name.startsWith(`${line.toLowerCase()}-`))
      expect(readFileSync(join(lines, file!), 'utf8'), line).toMatch(
        isOfAll ? /deviceFigures\([^]*intentFigures\(/ : new RegExp(figure),
      )
    }
  })

  it('matches docs/reliability.md', () => {
    const section = read('docs/reliability.md')
      .split(/^## /m)
      .find((part) => part.startsWith('The fourteen invariants'))!
    const named = ([file, words]: readonly [string, string]) => `\`${basename(file)}\`: ${words}`
    expect([...section.matchAll(/^\| I\d+ .*$/gm)].map(([row]) => row)).toEqual(
      Object.entries(rules).map(
        ([rule, { statement, proof, monitor, fires, faults }]) =>
          `| ${rule} | ${statement} | ${named(proof)} | \`${monitor}\` | ${named(fires)} | ${faults.join(' ')} |`,
      ),
    )
  })

  it('has fourteen rules, and each is counted from 0', async () => {
    expect(Object.keys(rules)).toHaveLength(14)
    const registry = new Registry()
    registerIncidents(registry, () => ({ I4: 2 }))
    const text = await registry.metrics()
    expect(text).toContain('tilth_incidents_total{rule="I4"} 2')
    expect(text).toContain('tilth_incidents_total{rule="I14"} 0')
  })
})

const order: Order = {
  valve: 'V1',
  seq: 5,
  durMs: 600_000,
  sess: 's1',
  expMonoMs: 160_000,
  leaseMonoMs: 100_000,
  isTimed: false,
  closeSeq: null,
}
const told = (valve: object, changes: Partial<State> = {}): State => ({
  v: 1,
  sess: 's1',
  sv: 3,
  monoMs: 110_000,
  last: { V1: 5 },
  jr: [],
  capMs: 7_200_000,
  fw: '1',
  utcOk: false,
  valves: [{ id: 'V1', pos: 'open', fb: null, seq: 5, ranMs: 8_000, why: 'open', ...valve }],
  ...changes,
})
const seen: ObservedState = {
  ...newObservedState(),
  sess: 's1',
  helloMonoMs: 1_000,
  monoMs: 90_000,
  sv: 2,
  offsetMs: 0,
}
const see = (before: ObservedState, state: State, orders = [order], isOrdered = true) =>
  observeDevice(
    before,
    { type: 'state', state, atMs: state.monoMs, isOrdered: () => isOrdered },
    orders,
    standardTiming,
  ).violations.map(({ rule }) => rule)

describe('the monitors', () => {
  it('report nothing about a normal run', () => expect(see(seen, told({}))).toEqual([]))

  it.each([
    ['I1', { ...seen, ended: { V1: 5 } }, told({}), [order]],
    ['I2', seen, told({ ranMs: 601_100 }, { monoMs: 701_100 }), [{ ...order, leaseMonoMs: 700_000 }]],
    ['I3', seen, told({}), [{ ...order, sess: 's0' }]],
    ['I3', seen, told({}), [{ ...order, expMonoMs: 99_000 }]],
    ['I4', seen, told({ ranMs: 130_000 }, { monoMs: 222_000 }), [order]],
    ['I5', seen, told({ ranMs: 400 }, { sess: 's2', monoMs: 900 }), [{ ...order, sess: 's2' }]],
    ['I7', { ...seen, fenced: { V1: 6 } }, told({}), [order]],
    ['I8', { ...seen, bound: { V1: { seq: 5, sess: 's1', untilMs: 105_000 } } }, told({}), [order]],
  ] as const)('%s: a controller that breaks it is found', (rule, before, state, orders) => {
    expect(see(before, state, [...orders])).toContain(rule)
  })

  it('I13: a valve that is open without a command', () =>
    expect(see(seen, told({}), [], false)).toEqual(['I13']))

  it('I12: a controller that received a retained command', () => {
    const ack = { sess: 's1', valve: 'V1', seq: 5, st: 'rejected' as const, why: 'retained' as const }
    const word = { type: 'ack' as const, ack: { ...ack, ranMs: 0, last: 4, jr: [], sv: 2 } }
    expect(observeDevice(seen, word, [], standardTiming).violations).toMatchObject([{ rule: 'I12' }])
  })

  it('I14: a server clock that was set, and no late message', () => {
    const beat = (before: ObservedState, monoMs: number, atMs: number) =>
      observeDevice(
        before,
        { type: 'heartbeat', heartbeat: { sess: 's1', n: 1, monoMs }, atMs },
        [],
        standardTiming,
      )
    const first = beat(seen, 10_000, 1_000_000).observed
    expect(beat(first, 20_000, 1_010_000 + 120_000).violations).toEqual([])
    expect(beat(first, 20_000, 1_010_000 - 3_600_000).violations).toMatchObject([{ rule: 'I14' }])
  })

  it('I6: more water than the dose; I10: a command that never ends', () => {
    const run = { id: 'run-1', minutes: 10 }
    expect(checkRunDose(order, run, [{ ranMs: 300_000 }, { ranMs: 300_000 }], standardTiming)).toEqual([])
    const tooLong = [{ ranMs: 600_000 }, { ranMs: 30_000 }]
    expect(checkRunDose(order, run, tooLong, standardTiming)).toMatchObject([{ rule: 'I6' }])
    // a minute of a farm that runs sixty times as fast is one second of its relays
    expect(checkRunDose(order, run, tooLong, scaleTiming(standardTiming, 60))).toEqual([])
    const born = newLifecycle({ ...order, id: 'an-order', litres: null, expiresAtMs: 1_000, isTimed: false })
    const at = (atMs: number) =>
      checkOpenCommand(born, { atMs, helloAtMs: null, isFresh: true }, standardTiming)
    expect(at(50_000)).toEqual([])
    expect(at(70_000)).toMatchObject([{ rule: 'I10' }])
  })

  it('I10: long past its bound, a command waits after a restart until a lease has ended, and is reported only then', () => {
    const born = newLifecycle({ ...order, id: 'an-order', litres: null, expiresAtMs: 1_000, isTimed: false })
    const restartMs = 9_000_000
    const lifecycle = { ...born, state: 'unknown' as const, boundAtMs: 600_000, unknownAtMs: restartMs }
    const restarted = { ...lifecycle, unknownReason: 'restart' as const }
    const after = (ms: number) => ({ atMs: restartMs + ms, helloAtMs: null, isFresh: false })
    const { leaseMs, reconcileMs } = standardTiming
    const stillMs = leaseMs + reconcileMs
    const tick = (ms: number) =>
      reduceLifecycle(restarted, { type: 'tick', atMs: restartMs + ms, link: null }, standardTiming).lifecycle
        .state
    expect([tick(stillMs), tick(stillMs + 1)]).toEqual(['unknown', 'resolved'])
    expect(checkOpenCommand(restarted, after(stillMs + 1), standardTiming)).toEqual([])
    expect(checkOpenCommand(restarted, after(stillMs + 60_001), standardTiming)).toMatchObject([
      { rule: 'I10' },
    ])
  })
})

describe('the monitors of dispatch itself', () => {
  it('I9: an opening that leaves before it is written; a doubt that outlasts the hello', () => {
    expect(checkSending('V1', 5, true)).toEqual([])
    expect(checkSending('V1', 5, false)).toMatchObject([{ rule: 'I9' }])
    const born = newLifecycle({
      ...order,
      id: 'an-order',
      litres: null,
      expiresAtMs: 900_000,
      isTimed: false,
    })
    const doubted = { ...born, state: 'unknown' as const, unknownAtMs: 1_000, boundAtMs: 600_000 }
    const at = (atMs: number, isFresh = true) =>
      checkOpenCommand(doubted, { atMs, helloAtMs: 2_000, isFresh }, standardTiming)
    expect(at(37_000)).toEqual([])
    expect(at(37_001)).toMatchObject([{ rule: 'I9' }])
    // a controller that is out of contact cannot respond
    expect(at(37_001, false)).toEqual([])
  })

  describe('I11: the whole supply chain', () => {
    const pump = (id: string, set: Partial<PumpRow> = {}, feedsFrom?: string): PumpRow => ({
      id,
      org: 'o',
      farmId: 'f',
      name: '',
      dailyM3: null,
      capacityLpm: 1_000,
      maxOpenValves: 9,
      ...(feedsFrom === undefined ? {} : { schedule: toJson({ feedsFrom }) }),
      ...set,
    })
    const opened = { valve: 'V1', seq: 1, actor: 'user-sato', requestId: null, pumpId: 'pump-1' }
    const onPump = (pumpId: string, ...lpms: number[]) =>
      lpms.map((flowLpm, i) => ({ deviceId: pumpId, valve: `V${i}`, pumpId, flowLpm }))

    it('more valves than the pump may feed, more water than it delivers', () => {
      const pumps = [pump('pump-1', { capacityLpm: 100, maxOpenValves: 2 })]
      const found = (...lpms: number[]) => checkOpening(opened, pumps, onPump('pump-1', ...lpms))
      expect(found(50, 50)).toEqual([])
      expect(found(30, 30, 30)).toMatchObject([{ rule: 'I11', detail: { open: 3 } }])
      expect(found(60, 60)).toMatchObject([{ rule: 'I11', detail: { flowLpm: 120 } }])
    })

    it('a main two steps above, passed by the water of another pump', () => {
      const pumps = (main: Partial<PumpRow>) => [
        pump('pump-1', {}, 'sub'),
        pump('pump-2', {}, 'sub'),
        pump('sub', {}, 'main'),
        pump('main', main),
      ]
      const live = [...onPump('pump-1', 50), ...onPump('pump-2', 50)]
      expect(checkOpening(opened, pumps({}), live)).toEqual([])
      const found = [{ rule: 'I11', detail: { open: 2, pump: 'main' } }]
      expect(checkOpening(opened, pumps({ maxOpenValves: 1 }), live)).toMatchObject(found)
      expect(checkOpening(opened, pumps({ capacityLpm: 90 }), live)).toMatchObject(found)
      // what hangs elsewhere is not counted
      expect(
        checkOpening(opened, pumps({ maxOpenValves: 1 }), [...onPump('pump-1', 50), ...onPump('pump-3', 50)]),
      ).toEqual([])
    })

    it('a person alone may exceed the pump, and where a main has no row; the plan may not', () => {
      const plan = { ...opened, actor: 'plan:p7' }
      const small = [pump('pump-1', { capacityLpm: 40 })]
      const live = onPump('pump-1', 50)
      expect(checkOpening(opened, small, live)).toEqual([])
      expect(checkOpening(plan, small, live)).toMatchObject([{ rule: 'I11' }])
      const hanging = [pump('pump-1', {}, 'gone')]
      expect(checkOpening(opened, hanging, live)).toEqual([])
      expect(checkOpening(plan, hanging, live)).toMatchObject([{ rule: 'I11', detail: { pump: 'gone' } }])
    })
  })
})

describe('for any inputs', () => {
  const pumps = fc.array(
    fc.record({
      capacityLpm: fc.integer({ min: 1, max: 500 }),
      maxOpenValves: fc.integer({ min: 1, max: 5 }),
      // one that is not there feeds nothing; one may feed itself, or what feeds it
      feedsFrom: fc.option(fc.nat(4)),
    }),
    { minLength: 1, maxLength: 4 },
  )
  const flows = fc.array(fc.record({ lpm: fc.integer({ min: 1, max: 200 }), on: fc.nat(3) }), {
    maxLength: 6,
  })

  it('I11: every opening is within the limits of all pumps on its chain, or a person opened it alone', () => {
    let opened = 0
    fc.assert(
      fc.property(flows, pumps, fc.boolean(), (open, drawn, isByPerson) => {
        const rows: PumpRow[] = drawn.map(({ feedsFrom, ...limits }, index) => ({
          id: `pump-${index}`,
          org: 'o',
          farmId: 'f',
          name: '',
          dailyM3: null,
          ...limits,
          schedule: feedsFrom === null ? null : toJson({ feedsFrom: `pump-${feedsFrom}` }),
        }))
        const live = open.map(({ lpm, on }, i) => ({
          deviceId: 'other',
          valve: `V${i}`,
          pumpId: `pump-${on}`,
          flowLpm: lpm,
        }))
        const own = { ...zone, pumpId: 'pump-0' }
        const path = supplyChain({ pumps: rows }, own)
        const passing = (id: string) => live.filter((one) => supplyChain({ pumps: rows }, one).includes(id))
        const known = path.flatMap((id) => rows.find((row) => row.id === id) ?? [])
        const verdict = checkInterlocks({
          nowMs: 0,
          zone: own,
          openValves: live,
          isLockedOut: false,
          isFlowAlarmed: false,
          doseLitres: 1,
          sources: known.map((pump) => ({ pump, open: passing(pump.id), quotas: [] })),
          isSourceUnknown: known.length < path.length,
          zoneLitresToday: null,
          pair: 'free' as const,
          isHeld: false,
          run: { cause: isByPerson ? 'manual' : 'balance', approvedBy: null },
          report: told({}, { valves: told({ pos: 'closed', why: 'boot' }).valves }),
        })
        if (verdict.do !== 'open') return
        opened += 1
        for (const { id, maxOpenValves, capacityLpm } of known) {
          const all = [...passing(id).map(({ flowLpm }) => flowLpm), 50]
          expect(all.length).toBeLessThanOrEqual(maxOpenValves)
          const flowLpm = all.reduce((sum, one) => sum + one, 0)
          if (all.length > 1 || !isByPerson) expect(flowLpm).toBeLessThanOrEqual(capacityLpm * 1.001)
        }
        const order = { valve: 'V1', seq: 1, actor: isByPerson ? 'user-sato' : 'plan:p7', requestId: null }
        const all = [...live, { deviceId: 'd', valve: 'V1', pumpId: 'pump-0', flowLpm: 50 }]
        expect(checkOpening({ ...order, pumpId: 'pump-0' }, rows, all)).toEqual([])
      }),
      { seed: 20260706, numRuns: runs(500) },
    )
    expect(opened).toBeGreaterThan(20)
  })

  it('I13: nothing opens without an origin', () => {
    fc.assert(
      fc.property(fc.string(), (version) => {
        expect(openingOrigin({ actor: `plan:${version}`, requestId: null }) === null).toBe(version === '')
      }),
    )
    expect(openingOrigin({ actor: '', requestId: 'request-1' })).toBeNull()
    expect(openingOrigin({ actor: 'plan', requestId: null })).toBeNull()
  })

  it('I8: a published bound is never before the valve closes, by the clock of the device', () => {
    fc.assert(
      fc.property(fc.nat(600_000), fc.nat(600_000), (untilMs, monoMs) => {
        const before = { ...seen, bound: { V1: { seq: 5, sess: 's1', untilMs } } }
        const found = see(before, told({ ranMs: 0 }, { monoMs }))
        expect(found.includes('I8')).toBe(monoMs > untilMs + 1_000)
      }),
    )
  })
})

describe('on a farm', () => {
  let farm: Farm
  beforeEach(async () => void (farm = await startFarm()))
  afterEach(() => farm.stop())
  const alerts = async () =>
    (await farm.state.selectFrom('alert').select('cause').where('clearedMs', 'is', null).execute()).map(
      ({ cause }) => cause,
    )

  it('I9: an order that could not be written is not sent; when the store is back, it is', async () => {
    await farm.controller.connect()
    const mend = await farm.breakTable('command')
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(farm.controller.commands()).toEqual([])
    await mend()
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
    expect(farm.dispatch().incidents()).toEqual({})
  })

  it('I12: after runs, stops and restarts no command or lease is retained, and no monitor reports anything', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(3 * MINUTE)
    await farm.restart(30_000)
    await farm.pass(MINUTE)
    await farm.ask({ kind: 'stop' })
    await farm.pass(MINUTE)
    const kept: string[] = []
    for (const kind of ['command', 'lease'])
      await farm.bus.subscribe(`tilth/v1/+/+/${kind}`, ({ topic, retained }) => {
        if (retained) kept.push(topic)
      })
    await farm.settle()
    expect(kept).toEqual([])
    expect(farm.dispatch().incidents()).toEqual({})
  })

  it('a rule that a controller has broken as a whole has an alert until a person has inspected it and cleared it', async () => {
    await farm.controller.connect()
    // it was handed a retained command, of no valve that waters anything
    await farm.bus.publish(
      topicOf(ORG, CONTROLLER, 'ack'),
      JSON.stringify({
        sess: farm.controller.device().sess,
        valve: '*',
        seq: 1,
        st: 'rejected',
        why: 'retained',
        ranMs: 0,
        last: 0,
        jr: [],
        sv: 1,
      }),
      { qos: 1, retain: false },
    )
    await farm.pass(1_000)
    expect(await alerts()).toEqual(['rule-broken'])
    expect(await farm.ask({ kind: 'clear-fault', deviceId: CONTROLLER, zoneId: null })).toMatchObject({
      state: 'accepted',
    })
    expect(await alerts()).toEqual([])
    const said = await farm.state.selectFrom('audit').select(['actor', 'action']).execute()
    expect(said).toContainEqual({ actor: 'user-sato', action: 'alert-cleared' })
    // with nothing left to look at it is refused as before
    expect(await farm.ask({ kind: 'clear-fault', deviceId: CONTROLLER, zoneId: null })).toMatchObject({
      reason: 'no-fault',
    })
  })

  it('I8: a valve that runs on through a short network loss is shown as open again with its hello', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(30_000)
    await farm.controller.unplug()
    await farm.pass(20_000)
    await farm.controller.connect()
    await farm.pass(1_000)
    expect(farm.controller.isOpen()).toBe(true)
    const order = await farm.state.selectFrom('command').select('state').executeTakeFirst()
    expect(order).toEqual({ state: 'running' })
  })

  it('the water of the time that a restored backup has lost is recorded once, as the device metered it', async () => {
    await farm.controller.connect()
    await farm.addRun({ minutes: 2 })
    await farm.pass(3 * MINUTE)
    await farm.addRun({ minutes: 3 })
    // the server does not receive its end, so the device stores it in its journal
    await farm.pass(MINUTE)
    await farm.stopDispatch()
    await farm.pass(3 * MINUTE)
    await farm.state.deleteFrom('command').where('seq', '>', 1).execute()
    await farm.state.deleteFrom('run').where('id', '=', 'run-2').execute()
    await farm.startDispatch()
    await farm.pass(3 * MINUTE)
    const records = await farm.state
      .selectFrom('irrigation')
      .select(['cause', 'ranMs', 'litres', 'volumeSource', 'endReason', 'openedAtMs'])
      .orderBy('commandedAtMs')
      .execute()
    expect(records).toMatchObject([
      { cause: 'balance', ranMs: 2 * MINUTE },
      { cause: 'unexpected', volumeSource: 'metered', openedAtMs: null },
    ])
    // 50 L/min, until its lease ended
    const [, lost] = records
    expect(lost!.litres).toBeCloseTo((50 * lost!.ranMs) / MINUTE, 0)
    expect(lost!.ranMs).toBe(farm.controller.openMs() - 2 * MINUTE)
  })

  it('a store from an older backup: numbers continue above the device, due runs are not repeated, an alert is raised', async () => {
    await farm.controller.connect()
    await farm.addRun({ minutes: 2 })
    await farm.pass(3 * MINUTE)
    expect(farm.controller.openMs()).toBe(2 * MINUTE)
    // the backup knows the run as planned, and nothing of its order
    await farm.stopDispatch()
    await farm.state.deleteFrom('command').execute()
    await farm.state.deleteFrom('irrigation').execute()
    await farm.state.updateTable('run').set({ state: 'approved', endReason: null }).execute()
    await farm.startDispatch()
    await farm.pass(5 * MINUTE)
    expect(farm.controller.openMs()).toBe(2 * MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'sequence-mismatch' })
    expect(await alerts()).toEqual(['sequence-mismatch'])
    await farm.ask({ minutes: 2 })
    await farm.pass(3 * MINUTE)
    const opening = await farm.state.selectFrom('command').select('seq').execute()
    expect(opening).toEqual([{ seq: 2 }])
    // a run under a new number has succeeded
    expect(await alerts()).toEqual([])
  })
})
