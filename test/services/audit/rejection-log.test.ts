/** What devices tried and were not allowed: written, counted, and never enough to fill a disk. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import type { OpenState } from '../../../services/adapters/state.ts'
import { verifyAudit } from '../../../services/audit/audit-log.ts'
import { createRejectionLog, type RejectionLog } from '../../../services/audit/rejection-log.ts'
import { openTestState } from '../../support/state.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
let clock: VirtualClock
let store: OpenState
let refusals: RejectionLog

beforeEach(async () => {
  clock = virtualClock(Date.UTC(2026, 6, 6))
  store = await openTestState()
  await store.state
    .insertInto('device')
    .values([probe('ours', 'probe-1'), probe('theirs', 'probe-2')])
    .execute()
  refusals = createRejectionLog({ state: store.state, clock, log: silent })
})
afterEach(() => store.close())

const probe = (org: string, id: string) => ({
  id,
  org,
  farmId: null,
  fieldId: null,
  kind: 'probe' as const,
  name: id,
  everyS: 60,
  createdAtMs: 0,
  secretHash: '',
  previousSecretHash: null,
  commandKey: null,
  windHeightM: null,
  counterModulus: null,
  revokedAtMs: null,
  lastSeenMs: null,
  batteryV: null,
})

const lines = async () =>
  (await store.state.selectFrom('audit').selectAll().orderBy('org').orderBy('n').execute()).map(
    ({ org, action, subject, detail }) => ({
      org,
      action,
      subject,
      ...(JSON.parse(detail as unknown as string) as object),
    }),
  )
const settled = () => new Promise((resolve) => setTimeout(resolve, 50))
const tries = (times: number, it: Partial<Parameters<RejectionLog['onRejected']>[0]> = {}) => {
  for (let i = 0; i < times; i++)
    refusals.onRejected({ claims: ['probe-1'], action: 'publish', reason: 'not its topic', ...it })
}

describe('the audit of rejections', () => {
  it('the first is written at once, the others as one line with a count', async () => {
    tries(1)
    await settled()
    expect(await lines()).toMatchObject([
      {
        org: 'ours',
        action: 'device.refused.publish',
        subject: 'probe-1',
        times: 1,
        reason: 'not its topic',
      },
    ])
    tries(9_999)
    await clock.advanceTo(clock.now() + 10 * MINUTE_MS)
    await settled()
    expect(await lines()).toMatchObject([{ times: 1 }, { times: 9_999 }])
    expect((await verifyAudit(store.state, 'ours')).broken).toBeNull()
  })

  it('rejections during the first look-up are counted too, and a stop writes all', async () => {
    tries(500)
    await refusals.stop()
    expect(await lines()).toMatchObject([{ times: 1 }, { times: 499 }])
  })

  it('a claimed name counts for its owner, before the device that claims it', async () => {
    tries(1, { claims: ['probe-2', 'probe-1'], action: 'connect' })
    tries(1, { claims: ['nobody', 'probe-1'], action: 'connect' })
    await refusals.stop()
    expect(await lines()).toMatchObject([
      { org: 'ours', subject: 'probe-1', action: 'device.refused.connect' },
      { org: 'theirs', subject: 'probe-2', action: 'device.refused.connect' },
    ])
  })

  it('a device that invents names adds no lines beyond its own, and an unknown client none', async () => {
    for (let i = 0; i < 90; i++) tries(1, { claims: [`no-${i}`, 'probe-1'], action: 'connect' })
    for (let i = 0; i < 1_000; i++) tries(1, { claims: [`stranger-${i}`] })
    await refusals.stop()
    expect(await lines()).toMatchObject([{ times: 1 }, { times: 89 }])
  })

  it('a new window of ten minutes starts with a line at once', async () => {
    tries(1)
    await settled()
    await clock.advanceTo(clock.now() + 10 * MINUTE_MS)
    tries(1)
    await refusals.stop()
    expect(await lines()).toMatchObject([{ times: 1 }, { times: 1 }])
  })
})
