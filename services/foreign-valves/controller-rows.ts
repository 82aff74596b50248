/** The rows of controllers of another make: what Tilth runs, and what must survive a restart. */
import type { Flash } from '../../broker/contract/valve-device/types.ts'
import { TIMED_CAP_MS } from '../../broker/contract/valve-device/device.ts'
import { driverOf } from '../drivers/drivers.ts'
import { newForeignValve, type DriverSetup, type ForeignValve } from '../drivers/driver-state.ts'
import type { Logger, State } from '../ports.ts'
import { inOrg } from '../runtime/transactions.ts'
import {
  readAnswers,
  readDefinitions,
  readFlash,
  readForeignValve,
  readValveAddress,
  toJson,
  unlessInvalid,
  type ForeignValveRow,
  type IntegrationKind,
  type ValveAddress,
} from '../tables.ts'

/** A controller of another make as its rows have it. */
export interface StoredController {
  deviceId: string
  org: string
  commandKey: string
  integration: { id: string; kind: IntegrationKind; isOwnBroker: boolean }
  /** what its messages are read with; null: nobody has assigned an address */
  assigned: { address: string; profile: string; answers: Record<string, unknown>; everyS: number } | null
  /** units that its gateway names, by device and field */
  definitions: Record<string, { model: string; units: Record<string, string> }>
  flash: Flash | null
  valves: Record<string, StoredValve>
}
export interface StoredValve {
  setup: DriverSetup
  valve: ForeignValve
  meterDeviceId: string | null
  testedVersion: string | null
}

/** An unattended run of a valve whose closing little proves is no longer than this (drivers/driver-admission.ts). */
const WEAK_CAP_MS = 600_000

/** The longest run of a controller: that of its weakest valve. */
export const capMsOf = ({ valves }: Pick<StoredController, 'valves'>): number =>
  Math.min(
    TIMED_CAP_MS,
    ...Object.values(valves).flatMap(({ setup: { driver, testedProof } }) => [
      driver.bound?.maxMs ?? TIMED_CAP_MS,
      testedProof === 'P0' || testedProof === 'P1' ? WEAK_CAP_MS : TIMED_CAP_MS,
    ]),
  )

/** Every controller of another make that is not revoked. One whose rows cannot be read is logged and left out. */
export async function loadControllers(state: State, log: Logger): Promise<StoredController[]> {
  const rows = await state
    .selectFrom('foreignController')
    .innerJoin('device', 'device.id', 'foreignController.deviceId')
    .innerJoin('integration', 'integration.id', 'foreignController.integrationId')
    .leftJoin('assignedAddress', 'assignedAddress.deviceId', 'foreignController.deviceId')
    .select([
      'foreignController.deviceId',
      'foreignController.org',
      'foreignController.flash',
      'device.commandKey',
      'device.everyS',
      'integration.id as integrationId',
      'integration.kind',
      'integration.url',
      'integration.secret',
      'integration.definitions',
      'assignedAddress.address',
      'assignedAddress.profile',
      'assignedAddress.answers',
    ])
    .where('device.revokedAtMs', 'is', null)
    .where('device.commandKey', 'is not', null)
    .execute()
  const valves = await state.selectFrom('foreignValve').selectAll().execute()
  return rows.flatMap((row): StoredController[] => {
    const { deviceId, org, commandKey, integrationId, kind, url, address, profile, answers, everyS } = row
    const read = unlessInvalid(
      () => ({
        deviceId,
        org,
        commandKey: commandKey!,
        integration: { id: integrationId, kind, isOwnBroker: url === null },
        assigned:
          address === null || profile === null || answers === null
            ? null
            : { address, profile, answers: readAnswers(answers), everyS },
        definitions: row.definitions === null ? {} : readDefinitions(row.definitions),
        flash: row.flash === null ? null : readFlash(row.flash),
        valves: Object.fromEntries(
          valves
            .filter((valve) => valve.deviceId === deviceId)
            .flatMap((valve) => {
              const stored = toStoredValve(valve, row.secret, log)
              return stored === null ? [] : [[valve.valve, stored]]
            }),
        ),
      }),
      (error) => log.error({ error, device: deviceId }, 'a controller of another make cannot be read'),
    )
    return read === null ? [] : [read]
  })
}

function toStoredValve(row: ForeignValveRow, secret: string | null, log: Logger): StoredValve | null {
  const driver = driverOf(row.driver)
  if (driver === null) {
    log.error({ device: row.deviceId, driver: row.driver }, 'there is no driver of this name')
    return null
  }
  return {
    setup: {
      driver,
      address: withPassword(readValveAddress(row.address), secret),
      hasMeter: row.meterDeviceId !== null,
      hasSecondValve: row.hasSecondValve === 1,
      isSetUp: row.isSetUp === 1,
      testedProof: row.testedProof,
      wakeMs: row.wakeS === null ? null : row.wakeS * 1000,
    },
    valve: row.state === null ? newForeignValve : readForeignValve(row.state),
    meterDeviceId: row.meterDeviceId,
    testedVersion: row.testedVersion,
  }
}

/** The password stands with the integration: an export of the address must not open a valve. */
const withPassword = (address: ValveAddress, secret: string | null): ValveAddress =>
  'passwordDigest' in address ? { ...address, passwordDigest: secret ?? '' } : address

/** What one event has changed. */
export interface Change {
  deviceId: string
  org: string
  flash: Flash | null
  valves: Record<string, ForeignValve>
  /** numbers of runs without a command: dispatch continues above them */
  usedNumbers: { valve: string; seq: number }[]
}

/** Writes a change in one transaction. */
export async function storeChange(
  state: State,
  { deviceId, org, flash, valves, usedNumbers }: Change,
): Promise<void> {
  await inOrg(state, org, async (rows) => {
    if (flash !== null)
      await rows
        .updateTable('foreignController')
        .set({ flash: toJson(flash) })
        .where('deviceId', '=', deviceId)
        .execute()
    for (const [valve, stored] of Object.entries(valves))
      await rows
        .updateTable('foreignValve')
        .set({ state: toJson(stored) })
        .where('deviceId', '=', deviceId)
        .where('valve', '=', valve)
        .execute()
    for (const { valve, seq } of usedNumbers)
      await rows
        .insertInto('valveSequence')
        .values({ deviceId, valve, org, usedSeq: seq, lockoutClearedSeq: 0 })
        .onConflict((conflict) =>
          conflict
            .columns(['deviceId', 'valve'])
            .doUpdateSet({ usedSeq: seq })
            .where('valveSequence.usedSeq', '<', seq),
        )
        .execute()
  })
}
