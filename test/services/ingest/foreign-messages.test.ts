/** Messages of devices of other makes, from the journal to the series: each once, with its own time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { publishChange, subscribeToChanges } from '../../../services/runtime/change-events.ts'
import { profileFaults, profileReasonStart } from '../../../services/integrations/profiles/profile-faults.ts'
import { readProfile, type Profile } from '../../../services/integrations/profiles/read-profile.ts'
import type { ForeignMessage } from '../../../services/integrations/foreign-message.ts'
import { toJson, type IntegrationKind } from '../../../services/tables.ts'
import { chirpstackUplink, foreignMessage, shipped } from '../integrations/messages.ts'
import { integrationRow } from '../../support/integration-row.ts'
import { NOON, startIngestRig, type IngestRig } from './rig.ts'

const EUI = '24e124126a148401'

describe('messages of other makes', () => {
  let rig: IngestRig
  let profiles: Map<string, Profile>
  beforeEach(async () => {
    profiles = new Map(shipped.profiles)
    rig = await startIngestRig({ profiles: () => profiles })
  })
  afterEach(() => rig.stop())

  async function integrate(kind: IntegrationKind): Promise<void> {
    await rig.state.insertInto('integration').values(integrationRow({ kind })).execute()
  }
  async function assign(
    address: string,
    profile: string,
    answers: Record<string, unknown> = {},
  ): Promise<void> {
    await rig.addDevice({ id: 'north-probe', everyS: 1200 })
    await rig.state
      .insertInto('assignedAddress')
      .values({
        deviceId: 'north-probe',
        org: 'coop',
        integrationId: 'gateway-1',
        address,
        profile,
        answers: toJson(answers),
      })
      .execute()
    await announceChange()
  }
  /** Resolves when ingest has received the change. */
  async function announceChange(): Promise<void> {
    let isHeard = false
    await subscribeToChanges(rig.bus, () => void (isHeard = true))
    await publishChange(rig.bus, 'coop', { event: 'device', atMs: NOON, id: 'north-probe' })
    await vi.waitUntil(() => isHeard)
    await rig.ingest().settled()
  }
  async function receive(...messages: ForeignMessage[]): Promise<void> {
    for (const { topic, payload, isRetained, receivedMs } of messages)
      await rig.brokerRig.journal.append({
        receivedMs,
        org: 'coop',
        device: 'gateway-1',
        payload,
        foreign: { integration: 'gateway-1', topic, isRetained },
      })
    await rig.ingest().settled()
  }
  /** An uplink of one probe, measured `minutes` after noon and received two seconds later. */
  const uplink = (
    fCnt: number,
    minutes: number,
    moisture: number,
    changes: Record<string, unknown> = {},
  ) => ({
    ...chirpstackUplink(EUI, {
      fCnt,
      time: new Date(NOON + minutes * MINUTE_MS).toISOString(),
      data: Buffer.from([fCnt]).toString('base64'),
      object: { temperature: 12, moisture, ec: 300, battery: 90 },
      ...changes,
    }),
    receivedMs: NOON + minutes * MINUTE_MS + 2000,
  })
  const moistures = async () =>
    (await rig.stored())
      .filter(({ quantity }) => quantity === 'soil.moisture')
      .map(({ atMs, value }) => [(atMs - NOON) / MINUTE_MS, value])

  it('become readings of their device, in our units and with their own time', async () => {
    await integrate('chirpstack')
    await assign(`lw:${EUI}`, 'milesight-em500-smtc', { depthCm: 40 })
    await receive(uplink(1, 0, 21.5))
    expect(
      (await rig.stored()).map(({ device, field, quantity, depthCm, value, atMs }) => [
        device,
        field,
        quantity,
        depthCm,
        value,
        atMs,
      ]),
    ).toEqual([
      ['north-probe', 'field1', 'device.batteryPercent', null, 90, NOON],
      ['north-probe', 'field1', 'soil.ec', 40, 0.3, NOON],
      ['north-probe', 'field1', 'soil.moisture', 40, 21.5, NOON],
      ['north-probe', 'field1', 'soil.temperature', 40, 12, NOON],
    ])
    const device = await rig.state.selectFrom('device').selectAll().executeTakeFirstOrThrow()
    expect(device).toMatchObject({
      lastSeenMs: NOON + 2000,
      batteryPercent: 90,
      batteryV: null,
      batteryMs: NOON + 2000,
    })
  })

  it('are stored once, however often and in whatever order they come', async () => {
    await integrate('chirpstack')
    await assign(`lw:${EUI}`, 'milesight-em500-smtc')
    const sent = [uplink(1, 0, 20), uplink(2, 20, 21), uplink(3, 40, 22)]
    await receive(sent[2]!, sent[0]!, sent[2]!, sent[1]!, sent[0]!, {
      ...sent[1]!,
      receivedMs: NOON + HOUR_MS,
    })
    expect(await moistures()).toEqual([
      [0, 20],
      [20, 21],
      [40, 22],
    ])
    expect(rig.ingest().counters()).toMatchObject({ repeats: 3, deadLetters: 0, unassigned: 0 })
  })

  it('are stored once over a crash at any point, and their repeats afterwards are still known', async () => {
    await integrate('chirpstack')
    await assign(`lw:${EUI}`, 'milesight-em500-smtc')
    await receive(uplink(1, 0, 20), uplink(2, 20, 21))
    // the readings and the keys are stored, the cursor is not
    await rig.brokerRig.journal.checkpoint('ingest', 0, [['coop/north-probe', '']])
    await rig.restart()
    await rig.ingest().settled()
    expect(await moistures()).toEqual([
      [0, 20],
      [20, 21],
    ])
    expect(rig.ingest().counters()).toMatchObject({ repeats: 0 })
    await receive(uplink(1, 0, 20))
    expect(rig.ingest().counters()).toMatchObject({ repeats: 1 })
  })

  it('of an address that nobody has assigned are kept, and become readings when it is', async () => {
    await integrate('chirpstack')
    await receive(uplink(1, 0, 20), uplink(2, 20, 21), {
      ...uplink(3, 40, 22),
      receivedMs: NOON + 41 * MINUTE_MS,
    })
    expect(await rig.stored()).toEqual([])
    const unassigned = await rig.state.selectFrom('unassignedMessage').selectAll().execute()
    expect(unassigned.map(({ address }) => address)).toEqual(Array.from({ length: 3 }, () => `lw:${EUI}`))
    await assign(`lw:${EUI}`, 'milesight-em500-smtc')
    expect(await moistures()).toEqual([
      [0, 20],
      [20, 21],
      [40, 22],
    ])
    expect(await rig.state.selectFrom('unassignedMessage').selectAll().execute()).toEqual([])
    await receive(uplink(2, 20, 21))
    expect(rig.ingest().counters()).toMatchObject({ repeats: 1 })
  })

  it('that their profile cannot read become dead letters, and readings with their own time after its repair', async () => {
    await integrate('chirpstack')
    const broken = readProfile(
      JSON.stringify({
        profile: 'own-probe',
        version: 1,
        title: 'Own probe',
        kind: 'probe',
        everyS: 1200,
        match: {},
        readings: [{ quantity: 'soil.moisture', path: 'name', unit: '%vol' }],
        source: 'the maker',
      }),
    )
    if (!broken.ok) throw new Error(broken.error)
    profiles.set('own-probe', broken.value)
    await assign(`lw:${EUI}`, 'own-probe')
    const object = (moisture: number) => ({ object: { name: 'North', moisture } })
    await receive(...Array.from({ length: 100 }, (_, n) => uplink(n + 1, n, 0, object(20 + n / 10))))
    expect(new Set(rig.letters())).toEqual(
      new Set(['profile own-probe@1: name: expected a number, got "North"']),
    )
    const repaired = {
      ...broken.value,
      version: 2,
      readings: shipped.profiles.get('milesight-em500-smtc')!.readings,
    }
    profiles.set('own-probe', repaired)
    const { journal } = rig.brokerRig
    const other = { receivedMs: NOON, org: 'coop', device: 'probe1', topic: 'x', payload: Buffer.from('x') }
    await journal.deadLetter({ ...other, bytes: 1, reason: 'profile own-probe@10: name: expected a number' })
    const [newest, faulty] = profileFaults(journal.deadLetterGroups('coop'))
    expect([newest, faulty]).toMatchObject([
      { profile: 'own-probe', version: 10, count: 1 },
      { profile: 'own-probe', version: 1, count: 100, faults: ['name: expected a number, got "North"'] },
    ])
    const reasonStart = profileReasonStart(faulty!.profile, faulty!.version)
    await expect(journal.replayAll({ org: 'coop', reasonStart })).resolves.toMatchObject({ replayed: 100 })
    await rig.ingest().settled()
    expect(await moistures()).toEqual(Array.from({ length: 100 }, (_, n) => [n, 20 + n / 10]))
    expect(rig.letters()).toEqual(['profile own-probe@10: name: expected a number'])
  })

  it('of a gateway that repeats old values give a reading once for each change, and one in each interval', async () => {
    await integrate('zigbee2mqtt')
    await receive(
      foreignMessage(
        'zigbee2mqtt/bridge/devices',
        [
          {
            friendly_name: 'north',
            definition: { model: 'SWV', exposes: [{ property: 'flow', unit: 'L/h' }] },
          },
        ],
        { receivedMs: NOON, isRetained: true },
      ),
    )
    await assign('z2m:north', 'z2m-sonoff-swv')
    const state = (minutes: number, flow: number) =>
      foreignMessage('zigbee2mqtt/north', { flow, battery: 90 }, { receivedMs: NOON + minutes * MINUTE_MS })
    await receive(state(0, 600), state(1, 600), state(2, 0), state(3, 0), state(21, 0))
    const flows = (await rig.stored()).filter(({ quantity }) => quantity === 'water.flow/V1')
    expect(flows.map(({ atMs, value }) => [(atMs - NOON) / MINUTE_MS, value])).toEqual([
      [0, 10],
      [2, 0],
      [21, 0],
    ])
  })

  it('that report the growth of rain add it to a total once, and a late one to the next total', async () => {
    await integrate('chirpstack')
    await assign('lw:70b3d57ba0001005', 'decentlab-dl-atm41')
    const rain = (fCnt: number, minutes: number, mm: number) => ({
      ...chirpstackUplink('70b3d57ba0001005', {
        fCnt,
        time: new Date(NOON + minutes * MINUTE_MS).toISOString(),
        object: { precipitation: { value: mm }, battery_voltage: { value: 3 } },
      }),
      receivedMs: NOON + minutes * MINUTE_MS + 1000,
    })
    await receive(rain(1, 0, 1), rain(3, 20, 2), rain(2, 10, 0.5), rain(1, 0, 1), rain(4, 30, 0))
    const totals = (await rig.stored()).filter(({ quantity }) => quantity === 'rain.cumulative')
    expect(totals.map(({ atMs, value }) => [(atMs - NOON) / MINUTE_MS, value])).toEqual([
      [0, 1],
      [20, 3],
      [30, 3.5],
    ])
  })

  it('that report an alarm keep it for their device until they report that it is over', async () => {
    await integrate('chirpstack')
    await assign(`lw:${EUI}`, 'strega-smart-valve')
    const alarms = async () =>
      (await rig.state.selectFrom('assignedAddress').select('alarms').executeTakeFirstOrThrow()).alarms
    const report = (fCnt: number, object: Record<string, unknown>) => uplink(fCnt, fCnt, 0, { object })
    await receive(report(1, { Valve: '0', Leak: '1', Tamper: '0' }), report(2, { Valve: '0', Tamper: '1' }))
    expect(await alarms()).toBe('["leak","tamper"]')
    await rig.restart()
    await receive(report(3, { Valve: '0', Leak: '0' }), report(4, { Valve: '0' }))
    expect(await alarms()).toBe('["tamper"]')
    await receive(report(5, { Valve: '0', Tamper: 0 }))
    expect(await alarms()).toBe('[]')
  })

  it('of a revoked device, or with a profile that is gone, become dead letters that name the reason', async () => {
    await integrate('chirpstack')
    await assign(`lw:${EUI}`, 'no-such-profile')
    await receive(uplink(1, 0, 20))
    await rig.state.updateTable('device').set({ revokedAtMs: NOON }).execute()
    await rig.state.updateTable('assignedAddress').set({ profile: 'milesight-em500-smtc' }).execute()
    await announceChange()
    await receive(uplink(2, 20, 21))
    expect(rig.letters()).toEqual([
      'profile no-such-profile: there is no profile of this name',
      'device: north-probe has been revoked',
    ])
  })
})
