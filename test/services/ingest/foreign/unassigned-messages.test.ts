/** Messages of a gateway that nobody has assigned: kept raw, each once, within limits. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../../broker/contract/time.ts'
import {
  dropExpiredUnassigned,
  unassignedMessages,
} from '../../../../services/ingest/foreign/unassigned-messages.ts'
import { integrationRow } from '../../../support/integration-row.ts'
import { NOON, startIngestRig, type IngestRig } from '../rig.ts'

const KEPT_BYTES = 50 * 1024 * 1024

describe('messages that nobody has assigned', () => {
  let rig: IngestRig
  beforeEach(async () => {
    rig = await startIngestRig()
    for (const [id, org] of [
      ['gateway-1', 'coop'],
      ['gateway-2', 'other'],
    ] as const)
      await rig.state.insertInto('integration').values(integrationRow({ id, org })).execute()
  })
  afterEach(() => rig.stop())

  const unassigned = (
    n: number,
    more: { org?: string; id?: string; topic?: string; payload?: Buffer } = {},
  ) => {
    const { org = 'coop', id = 'gateway-1', topic = 'tele/box/SENSOR', payload = Buffer.from(`${n}`) } = more
    const foreign = { integration: id, topic, isRetained: false }
    return { receivedMs: NOON + n, org, device: id, payload, foreign }
  }
  async function send(...arrivals: ReturnType<typeof unassigned>[]): Promise<void> {
    await Promise.all(arrivals.map((arrival) => rig.brokerRig.journal.append(arrival)))
    await rig.ingest().settled()
  }
  const kept = (org = 'coop') =>
    rig.state
      .selectFrom('unassignedMessage')
      .selectAll()
      .where('org', '=', org)
      .orderBy('receivedMs')
      .orderBy('seq')
      .execute()
  const textOf = ({ payload }: { payload: string }) => Buffer.from(payload, 'base64').toString()

  it('are kept as they came, counted, and passed in the journal', async () => {
    const payload = Buffer.from('\u0000ü\n')
    await send(
      { ...unassigned(1, { payload }), foreign: { ...unassigned(1).foreign, isRetained: true } },
      unassigned(2),
    )
    const [first, second] = await kept()
    expect(first).toMatchObject({
      integrationId: 'gateway-1',
      topic: 'tele/box/SENSOR',
      receivedMs: NOON + 1,
      isRetained: 1,
    })
    expect(Buffer.from(first!.payload, 'base64')).toEqual(payload)
    expect([textOf(second!), second!.isRetained]).toEqual(['2', 0])
    expect(rig.ingest().counters()).toMatchObject({
      records: 2,
      unassigned: 2,
      unknown: 0,
      readings: 0,
      behind: 0,
    })
    expect(rig.letters()).toEqual([])
  })

  it('are kept once, when ingest begins again from before them', async () => {
    await send(...Array.from({ length: 300 }, (_, n) => unassigned(n, { topic: `tele/${n % 3}/SENSOR` })))
    const before = await kept()
    await rig.brokerRig.journal.checkpoint('ingest', 0, [])
    await rig.restart()
    await rig.ingest().settled()
    expect(rig.ingest().counters().records).toBe(300)
    expect(await kept()).toEqual(before)
  })

  it('go between telemetry without delaying it or taking its place', async () => {
    await rig.addDevice()
    const telemetry = (n: number) => ({
      receivedMs: NOON + n,
      org: 'coop',
      device: 'probe1',
      payload: Buffer.from(
        JSON.stringify({
          v: 1,
          n,
          boot: 1,
          monoMs: n,
          measurements: [{ soil: { depth: 30, moisture: 20 } }],
        }),
      ),
    })
    const { journal } = rig.brokerRig
    await Promise.all([1, 2, 3].flatMap((n) => [journal.append(telemetry(n)), journal.append(unassigned(n))]))
    await rig.ingest().settled()
    expect(await rig.stored()).toHaveLength(3)
    expect(await kept()).toHaveLength(3)
  })

  it('of an erased or a foreign organisation are passed and not kept', async () => {
    await send(unassigned(1, { id: 'gateway-9' }), unassigned(2, { org: 'other' }), unassigned(3))
    expect((await kept()).map(textOf)).toEqual(['3'])
    expect(await kept('other')).toEqual([])
    expect(rig.ingest().counters()).toMatchObject({ unassigned: 1, unknown: 2 })
  })

  it('that are catalogues are passed and not kept', async () => {
    const catalogues = ['definitions', 'devices', 'info'].map((last) => `zigbee2mqtt/bridge/${last}`)
    await send(...[...catalogues, 'zigbee2mqtt/bridge/state'].map((topic, n) => unassigned(n, { topic })))
    expect((await kept()).map(({ topic }) => topic)).toEqual(['zigbee2mqtt/bridge/state'])
    expect(rig.ingest().counters()).toMatchObject({ unassigned: 1, nothing: 3 })
  })

  it('are the newest 200 of an address, and a busy address displaces no other', async () => {
    await send(unassigned(0, { topic: 'tele/quiet/SENSOR' }))
    await send(...Array.from({ length: 450 }, (_, n) => unassigned(n + 1)))
    const all = await kept()
    expect(textOf(all[0]!)).toBe('0')
    expect(all.slice(1).map(textOf)).toEqual(Array.from({ length: 200 }, (_, n) => `${n + 251}`))
  })

  it('are those of the last seven days, and for 30 days the newest of each topic, so that the address stays in the list', async () => {
    const other = { org: 'other', id: 'gateway-2' }
    await send(unassigned(0), unassigned(1), unassigned(HOUR_MS), unassigned(0, other))
    await send(unassigned(2, { topic: 'tele/quiet/SENSOR' }))
    await dropExpiredUnassigned(rig.state, NOON + 7 * DAY_MS + HOUR_MS)
    expect((await kept()).map(textOf)).toEqual(['2', `${HOUR_MS}`])
    expect((await kept('other')).map(textOf)).toEqual(['0'])
    await dropExpiredUnassigned(rig.state, NOON + 30 * DAY_MS + HOUR_MS)
    expect((await kept()).map(textOf)).toEqual([`${HOUR_MS}`])
    expect(await kept('other')).toEqual([])
  })

  it('of one organisation take at most 50 MiB, the oldest go first, and those of another stay', async () => {
    const store = unassignedMessages(rig.state)
    const payload = Buffer.alloc(64 * 1024, 'x')
    let seq = 0
    const keep = (n: number, more = {}) =>
      store.keep([
        {
          record: { ...unassigned(n, { payload, ...more }), seq: ++seq, replayedMs: null },
          address: `mqtt:${n}`,
        },
      ])
    await keep(0, { org: 'other', id: 'gateway-2' })
    for (let n = 1; n <= 900; n++) await keep(n, { topic: `tele/${n}/SENSOR` })
    const all = await kept()
    const bytes = all.reduce((sum, row) => sum + row.bytes, 0)
    expect(bytes).toBeGreaterThan(KEPT_BYTES - 2 * 1024 * 1024)
    expect(bytes).toBeLessThanOrEqual(KEPT_BYTES + 1024 * 1024)
    expect(all.at(-1)!.receivedMs).toBe(NOON + 900)
    expect(all[0]!.receivedMs).toBe(NOON + 900 - all.length + 1)
    expect(await kept('other')).toHaveLength(1)
  })
})
