/** Sets up the valves of a device of another make. Tilth then runs its controller (services/foreign-valves). */
import type { Static } from 'typebox'
import { appendAudit } from '../../audit/audit-log.ts'
import { driverOf } from '../../drivers/drivers.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import {
  readDefinitions,
  readForeignValve,
  readValveTest,
  toJson,
  type ForeignValveRow,
  type IntegrationRow,
} from '../../tables.ts'
import { announceDevice, type Admin } from '../devices/device-queries.ts'
import type { Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import type { ForeignValveForm, ForeignValveList, ForeignValveView } from './foreign-valve-schemas.ts'
import {
  choiceOf,
  driversFor,
  isSleeper,
  refusalOf,
  valveAddressOf,
  type ValveDevice,
} from './valve-choices.ts'
import { checkIdle, checkMeter, listMeters } from './valve-settings.ts'

type Deps = Pick<Context, 'state' | 'series' | 'clock' | 'bus' | 'log' | 'foreignValves'>

/** The valves of a device, and the drivers that fit it. NOT_FOUND for a device that is of no other make. */
export async function listForeignValves(
  deps: Deps,
  org: string,
  deviceId: string,
): Promise<ForeignValveList> {
  const { state, foreignValves } = deps
  const { device } = await foreignDevice(state, org, deviceId)
  const rows = await state
    .selectFrom('foreignValve')
    .selectAll()
    .where('org', '=', org)
    .where('deviceId', '=', deviceId)
    .orderBy('valve')
    .execute()
  return {
    valves: rows.map((row) => toView(row, foreignValves?.isTesting(deviceId, row.valve) === true)),
    choices: driversFor(device).map(choiceOf),
    meters: await listMeters(deps, org, deviceId),
  }
}

function toView(row: ForeignValveRow, isTesting: boolean): ForeignValveView {
  const driver = driverOf(row.driver)
  const state = row.state === null ? null : readForeignValve(row.state)
  return {
    valve: row.valve,
    driver: row.driver,
    refused: driver === null ? null : refusalOf(driver),
    needs: driver?.needs ?? null,
    isTrusted: driver?.bound?.isTrusted ?? false,
    isSleeping: driver !== null && isSleeper(driver),
    meterDeviceId: row.meterDeviceId,
    hasSecondValve: row.hasSecondValve === 1,
    wakeS: row.wakeS,
    testedProof: row.testedProof,
    testedAtMs: row.testedAtMs,
    isTesting,
    test: row.test === null ? null : readValveTest(row.test),
    lock: state?.lock ?? null,
    said: state?.said ?? null,
    mayRunLate: row.wakeS !== null,
  }
}

/**
 * Adds a valve to a device of another make, or changes it; after a change of its driver or output it is tested again.
 * CONFLICT while its run is in progress; BAD_REQUEST for a driver that does not fit.
 */
export async function setForeignValve(
  deps: Deps,
  admin: Admin,
  deviceId: string,
  valve: string,
  form: Static<typeof ForeignValveForm>,
): Promise<void> {
  const { state, clock } = deps
  const { device, integration, row: deviceRow } = await foreignDevice(state, admin.org, deviceId)
  if (deviceRow.kind !== 'controller') fail('BAD_REQUEST', 'its profile is of no valve; choose another one')
  const driver = driversFor(device).find(({ name }) => name === form.driver)
  if (driver === undefined) fail('BAD_REQUEST', `driver: ${form.driver} does not fit ${device.profile}`)
  const reached = valveAddressOf(driver, device, form)
  if ('missing' in reached) fail('BAD_REQUEST', reached.missing)
  const meterDeviceId = form.meterDeviceId ?? null
  await checkMeter(deps, admin.org, deviceId, meterDeviceId)
  const settings = {
    driver: driver.name,
    address: toJson(reached.address),
    meterDeviceId,
    hasSecondValve: form.hasSecondValve === true ? (1 as const) : (0 as const),
    wakeS: form.wakeS ?? null,
  }
  await inOrg(state, admin.org, async (rows) => {
    const before = await valveRow(rows, admin.org, deviceId, valve)
    await rows
      .insertInto('foreignController')
      .values({ deviceId, org: admin.org, integrationId: integration.id, flash: null })
      .onConflict((conflict) => conflict.column('deviceId').doNothing())
      .execute()
    if (before === undefined)
      await rows
        .insertInto('foreignValve')
        .values({ deviceId, valve, org: admin.org, ...settings, ...untested, state: null })
        .execute()
    else {
      checkIdle(before)
      const isOther = before.driver !== settings.driver || before.address !== settings.address
      await rows
        .updateTable('foreignValve')
        .set({ ...settings, ...(isOther ? untested : {}) })
        .where('deviceId', '=', deviceId)
        .where('valve', '=', valve)
        .execute()
    }
    const { driver: name, hasSecondValve, wakeS } = settings
    await appendAudit(rows, {
      org: admin.org,
      atMs: clock.now(),
      actor: admin.userId,
      action: 'valve.set-up',
      subject: deviceId,
      detail: { valve, driver: name, outlet: form.outlet, meterDeviceId, hasSecondValve, wakeS },
    })
  })
  await announceDevice(deps, deviceRow)
}

const untested = { isSetUp: 0, testedProof: null, testedVersion: null, testedAtMs: null, test: null } as const

const valveRow = (
  rows: State,
  org: string,
  deviceId: string,
  valve: string,
): Promise<ForeignValveRow | undefined> =>
  rows
    .selectFrom('foreignValve')
    .selectAll()
    .where('org', '=', org)
    .where('deviceId', '=', deviceId)
    .where('valve', '=', valve)
    .executeTakeFirst()

/** Starts the test run: the valve opens for a minute. VALVE_BUSY, VALVE_UNREACHABLE; CONFLICT for one that never opens. */
export async function startValveTest(
  deps: Deps,
  admin: Admin,
  deviceId: string,
  valve: string,
): Promise<void> {
  const row = await valveRow(deps.state, admin.org, deviceId, valve)
  if (row === undefined) fail('NOT_FOUND', `${deviceId} has no valve ${valve} of another make`)
  const refused = driverOf(row.driver)?.refused
  if (refused != null) fail('CONFLICT', `${row.driver} never opens a valve: ${refused.why}`)
  const started = await deps.foreignValves?.startTest(admin.org, deviceId, valve, admin.userId)
  if (started === 'busy') fail('VALVE_BUSY', 'it is open, or a run is in progress')
  if (started === 'link-down') fail('VALVE_UNREACHABLE', 'its integration is not connected')
  if (started !== 'started') fail('CONFLICT', 'this Tilth runs no valves')
}

/** Releases a locked valve, after a person has looked at it. */
export async function unlockValve(deps: Deps, admin: Admin, deviceId: string, valve: string): Promise<void> {
  if ((await valveRow(deps.state, admin.org, deviceId, valve)) === undefined)
    fail('NOT_FOUND', `${deviceId} has no valve ${valve} of another make`)
  if (deps.foreignValves === null) fail('CONFLICT', 'this Tilth runs no valves')
  // a release without its author does not happen
  await appendAudit(deps.state, {
    org: admin.org,
    atMs: deps.clock.now(),
    actor: admin.userId,
    action: 'valve.unlock',
    subject: deviceId,
    detail: { valve },
  })
  if (!(await deps.foreignValves.unlock(admin.org, deviceId, valve)))
    fail('CONFLICT', 'this valve does not run yet; try again in a moment')
}

async function foreignDevice(state: State, org: string, deviceId: string) {
  const row = await ownRow(state, 'device', org, deviceId)
  const assigned = await state
    .selectFrom('assignedAddress')
    .selectAll()
    .where('org', '=', org)
    .where('deviceId', '=', deviceId)
    .executeTakeFirst()
  if (assigned === undefined) fail('NOT_FOUND', `${row.name} is no device of another make`)
  const integration = await ownRow(state, 'integration', org, assigned.integrationId)
  const device: ValveDevice = {
    kind: integration.kind,
    address: assigned.address,
    profile: assigned.profile,
    model: modelOf(integration, assigned.address),
    topic: assigned.topic ?? null,
    url: integration.url,
  }
  return { row, integration, device }
}

function modelOf({ definitions }: IntegrationRow, address: string): string | null {
  const name = address.slice(address.indexOf(':') + 1)
  return definitions === null ? null : (readDefinitions(definitions)[name]?.model ?? null)
}
