import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { every, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import type { OpenState } from '../../../services/adapters/state.ts'
import { startJobs } from '../../../services/runtime/job-runner.ts'
import type { Job, Logger } from '../../../services/ports.ts'
import { openTestState } from '../../support/state.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const hourly = (run: Job['run'], name = 'hourly'): Job => ({
  name,
  lastDue: (nowMs) => Math.floor(nowMs / HOUR_MS) * HOUR_MS,
  run,
})

describe('jobs', () => {
  const start = Date.UTC(2026, 6, 24, 5, 0, 30)
  let store: OpenState
  let clock: ReturnType<typeof virtualClock>
  const runner = (jobs: Job[], log: Logger = silent) =>
    startJobs({
      jobs,
      state: store.state,
      clock,
      log,
      ticker: (tick) => every(clock, MINUTE_MS, tick),
    })

  beforeEach(async () => {
    store = await openTestState()
    clock = virtualClock(start)
  })
  afterEach(() => store.close())

  it('an hourly job runs once an hour, however often the runner ticks', async () => {
    const runs: number[] = []
    const jobs = runner([hourly(async (dueAtMs) => void runs.push(dueAtMs))])
    await clock.advanceTo(start + 3 * HOUR_MS)
    await jobs.stop()
    expect(runs).toEqual([5, 6, 7, 8].map((hour) => Date.UTC(2026, 6, 24, hour)))
  })

  it('a second process does not run it again', async () => {
    const runs: string[] = []
    const first = runner([hourly(async () => void runs.push('first'))])
    await first.tick()
    const second = runner([hourly(async () => void runs.push('second'))])
    await second.tick()
    await first.stop()
    await second.stop()
    expect(runs).toEqual(['first'])
  })

  it('a job missed while the process was down is caught up once, at its newest instant', async () => {
    const runs: number[] = []
    const before = runner([hourly(async (dueAtMs) => void runs.push(dueAtMs))])
    await before.tick()
    await before.stop()
    await clock.advanceTo(start + 30 * HOUR_MS)
    const after = runner([hourly(async (dueAtMs) => void runs.push(dueAtMs))])
    await after.tick()
    await after.stop()
    expect(runs).toEqual([Date.UTC(2026, 6, 24, 5), Date.UTC(2026, 6, 25, 11)])
  })

  it('a job that crashed halfway runs again', async () => {
    await store.state
      .insertInto('jobRun')
      .values({
        job: 'hourly',
        dueAtMs: Date.UTC(2026, 6, 24, 5),
        startedAtMs: start,
        finishedAtMs: null,
        note: null,
      })
      .execute()
    const runs: number[] = []
    const jobs = runner([hourly(async (dueAtMs) => void runs.push(dueAtMs))])
    await jobs.tick()
    await jobs.stop()
    expect(runs).toHaveLength(1)
  })

  it('a job that a stop interrupted is due again at the next start, and no error is logged', async () => {
    const errors: string[] = []
    const log = { ...silent, error: (_fields: object, text: string) => void errors.push(text) }
    const stopping = runner([hourly(async () => 'stopped' as const)], log)
    await stopping.tick()
    await stopping.stop()
    const runs: number[] = []
    const next = runner([hourly(async (dueAtMs) => void runs.push(dueAtMs))], log)
    await next.tick()
    await next.stop()
    expect(runs).toEqual([Date.UTC(2026, 6, 24, 5)])
    expect(errors).toEqual([])
  })

  it('a job that fails is retried after five minutes and does not stop the others', async () => {
    const runs: string[] = []
    let isBroken = true
    const jobs = runner([
      hourly(async () => {
        if (isBroken) throw new Error('store away')
        runs.push('mended')
      }, 'fragile'),
      hourly(async () => void runs.push('steady'), 'steady'),
    ])
    await jobs.tick()
    expect(runs).toEqual(['steady'])
    isBroken = false
    await clock.advanceTo(start + 4 * MINUTE_MS)
    expect(runs).toEqual(['steady'])
    await clock.advanceTo(start + 6 * MINUTE_MS)
    await jobs.stop()
    expect(runs).toEqual(['steady', 'mended'])
  })
})
