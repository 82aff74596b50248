/** Irrigation that a person reports late, or voids: closed days are recomputed, on a real bus and real stores. */
import { createServer, type AddressInfo, type Server } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, SECOND_MS, addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { everyInternal, internalTopic } from '../../../../broker/contract/topics.ts'
import { openMqttBus, type MqttBus } from '../../../../services/adapters/bus/mqtt-bus.ts'
import { MANUAL_ENTRY, IRRIGATION_REPORTED } from '../../../../services/domain/manual-water.ts'
import { startEstimate, type Estimate } from '../../../../services/estimate/start-estimate.ts'
import type { ChangeEvent } from '../../../../services/ports.ts'
import type { FieldDayRow, IrrigationRow } from '../../../../services/tables.ts'
import { ORG, irrigationRow, notesOf, openStores, plantFarm, quiet, stationReadings } from '../farm.ts'
import type { Daily, Stores } from '../farm.ts'

const ZONE = 'America/Phoenix'
const hot: Daily = { tempMinC: 18, tempMaxC: 38, dewC: 2, radiationMJm2: 30, windMps: 2, rainMm: 0 }
const at = (day: string, hour: number) => startOfDay(day, ZONE) + hour * HOUR_MS
const DAYS = 22

let stores: Stores
let broker: Aedes
let server: Server
let bus: MqttBus
let estimate: Estimate
let eventCount = 0

beforeEach(async () => {
  stores = await openStores(at('2012-06-01', 0))
  broker = await Aedes.createBroker()
  server = createServer(broker.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  bus = await openMqttBus({ url, clientId: 'services' }, { log: quiet })
  estimate = await startEstimate({ ...stores, bus })
  await bus.subscribe(everyInternal('event'), ({ payload }) => {
    if (new TextDecoder().decode(payload).includes(IRRIGATION_REPORTED)) eventCount++
  })
  // a field of a member without a valve: a station, and no zone
  await plantFarm(stores)
  await stores.state.deleteFrom('zone').execute()
  await stores.state.deleteFrom('device').where('id', '<>', 'station1').execute()
  for (let i = 0; i < DAYS; i++)
    await stores.series.append(stationReadings(hot, addDays('2012-06-01', i), { totalMm: 100 }))
  await stores.clock.advanceTo(at(addDays('2012-06-01', DAYS), 1))
  await closeNight()
})
afterEach(async () => {
  await estimate.stop()
  await bus.close()
  await new Promise<void>((resolve) => broker.close(() => resolve()))
  server.close()
  await stores.close()
})

async function closeNight(): Promise<void> {
  const job = estimate.jobs.find(({ name }) => name === 'estimate-day')!
  await job.run((await job.lastDue(stores.clock.now()))!)
}
const days = () => stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
const dayOf = (rows: readonly FieldDayRow[], day: string) => rows.find((row) => row.day === day)!
/** 10 mm gross on a hectare, reported by a person now. */
const reported = (day: string): IrrigationRow => ({
  ...irrigationRow({ id: day, runId: day, commandId: day, zoneId: 'field1', cause: MANUAL_ENTRY }),
  commandedAtMs: at(day, 9),
  openedAtMs: at(day, 9),
  litres: 100_000,
  volumeSource: 'reported',
  enteredAtMs: stores.clock.now(),
})
async function announce(): Promise<void> {
  const event: ChangeEvent = {
    event: 'field',
    id: IRRIGATION_REPORTED,
    atMs: stores.clock.now(),
    fields: ['field1'],
  }
  const before = eventCount
  await bus.publish(internalTopic(ORG, 'event'), JSON.stringify(event), { qos: 1, retain: false })
  await expect.poll(() => eventCount).toBeGreaterThan(before)
  await stores.clock.advanceTo(stores.clock.now() + 10 * SECOND_MS)
  await estimate.settled()
}

describe('manual irrigation that is reported eight days late', () => {
  it('is in its day and all days since within seconds, and removed from them when it is voided', async () => {
    const before = await days()
    await stores.state.insertInto('irrigation').values(reported('2012-06-15')).execute()
    await announce()
    const after = await days()
    expect(dayOf(before, '2012-06-15').irrigationSource).toBe('none')
    // on a field without a zone three quarters reach the roots
    expect(dayOf(after, '2012-06-15')).toMatchObject({ irrigationMm: 7.5, irrigationSource: 'reported' })
    expect(notesOf(dayOf(after, '2012-06-15'))).toContain('irrigation-reported')
    expect(after.slice(0, 14)).toEqual(before.slice(0, 14))
    for (let i = 14; i < DAYS; i++)
      expect([after[i]!.day, after[i]!.depletionMm! < before[i]!.depletionMm!]).toEqual([after[i]!.day, true])
    const state = await stores.state.selectFrom('fieldState').select('depletionMm').executeTakeFirstOrThrow()
    expect(state.depletionMm).toBeLessThan(before.at(-1)!.depletionMm!)

    await stores.state
      .updateTable('irrigation')
      .set({ voidedAtMs: stores.clock.now(), voidReason: 'another field' })
      .execute()
    await announce()
    expect(await days()).toEqual(before)
  })

  it('is recomputed at night where the server was down when it was reported, and only for two weeks back', async () => {
    const before = await days()
    await stores.state
      .insertInto('irrigation')
      .values([reported('2012-06-03'), reported('2012-06-15')])
      .execute()
    await closeNight()
    const after = await days()
    expect(dayOf(after, '2012-06-15').irrigationMm).toBe(7.5)
    expect(after.slice(0, 14)).toEqual(before.slice(0, 14))
  })
})
