/**
 * Water that was given by hand, or with a valve that is not ordered from here, as a person writes it down: a record of each
 * zone, or of the field where none waters it. A phone without signal keeps it and sends it later, perhaps more than once:
 * its key makes it one batch, and a repeat is answered as the first time; with other water it is refused.
 */
import { randomUUID } from 'node:crypto'
import { DAY_MS, dayOf, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { MANUAL, IRRIGATION_REPORTED, virtualZoneFor, type WateredZone } from '../../domain/manual-water.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { FieldRow, IrrigationRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { NewIrrigation } from './irrigation-schemas.ts'
import { seasonsOnOrNext } from '../farms/season-queries.ts'
import { selectFields, type SelectedField } from '../farms/field-selection-queries.ts'
import { announce, audit } from '../http/audited-write.ts'

// more at once is a slip of the unit: half of it floods a paddy after puddling
const MAX_MM = 500
const MAX_DURATION_MS = DAY_MS // a day's water is looked for since the day before

/**
 * All of it or nothing. BAD_REQUEST where it lies ahead or would be too much, NO_ACTIVE_SEASON where nothing grew, CONFLICT where
 * the key was used otherwise.
 */
export async function recordManualIrrigation(
  context: Context,
  caller: Caller,
  body: NewIrrigation,
): Promise<{ id: string; receivedMs: AtMs }> {
  const { state, clock } = context
  const { org } = caller
  const fields = await selectFields(state, org, body.fields)
  const sent = await readBatch(state, org, body.idem)
  if (sent.length > 0) return repeatedResult(sent, body)
  checkTime(body, clock.now())
  await checkSeasons(state, fields, body.atMs)
  const rows = await irrigationRows(state, caller, fields, body, clock.now())
  const kept = await state.transaction().execute(async (store) => {
    const before = await readBatch(store, org, body.idem)
    if (before.length > 0) return before
    await store.insertInto('irrigation').values(rows).execute()
    await audit({ state: store, clock }, caller, 'irrigation.add', fields[0]!.field.id, body)
    return rows
  })
  if (kept !== rows) return repeatedResult(kept, body)
  await announce(context, org, {
    event: 'field',
    id: IRRIGATION_REPORTED,
    fields: fields.map(({ field }) => field.id),
  })
  return { id: body.idem, receivedMs: kept[0]!.enteredAtMs! }
}

function repeatedResult(
  kept: readonly IrrigationRow[],
  body: NewIrrigation,
): { id: string; receivedMs: AtMs } {
  if (!isSame(kept, body)) fail('CONFLICT', 'idem: this key was used for something else')
  return { id: body.idem, receivedMs: kept[0]!.enteredAtMs! }
}

const durationMs = ({ amount }: NewIrrigation): number =>
  amount?.unit === 'min' ? Math.round(amount.value * MINUTE_MS) : 0

function checkTime(body: NewIrrigation, nowMs: AtMs): void {
  const ranMs = durationMs(body)
  if (ranMs > MAX_DURATION_MS)
    fail('BAD_REQUEST', `amount: must be at most a day (1,440 min), got ${body.amount!.value} min`)
  if (body.atMs + ranMs > nowMs)
    fail('BAD_REQUEST', `atMs: water by hand must be over by now (${nowMs}), got ${body.atMs + ranMs}`)
}

async function checkSeasons(state: State, fields: readonly SelectedField[], atMs: AtMs): Promise<void> {
  for (const { field, timeZone } of fields) {
    if ((await seasonsOnOrNext(state, [field.id], dayOf(atMs, timeZone))).size > 0) continue
    const params = { field: field.name }
    fail(
      'NO_ACTIVE_SEASON',
      `atMs: nothing grew in ${field.name} on that day, nor within half a year after it`,
      {
        params,
      },
    )
  }
}

/** Of each field its zones that were watered; where no zone waters it, the whole of it. */
async function irrigationRows(
  state: State,
  { org, userId: actor }: Caller,
  fields: readonly SelectedField[],
  body: NewIrrigation,
  nowMs: AtMs,
): Promise<IrrigationRow[]> {
  const places: { field: FieldRow; zone: WateredZone }[] = []
  for (const { field } of fields) {
    const zones = await readWateredZones(
      state,
      field,
      body.fields.find(({ fieldId }) => fieldId === field.id)?.zoneId,
    )
    places.push(...zones.map((zone) => ({ field, zone })))
  }
  const { idem: batch, atMs, amount } = body
  const ranMs = durationMs(body)
  const allM2 = places.reduce((sum, { zone }) => sum + zone.areaM2, 0)
  return places.map(({ field, zone }): IrrigationRow => {
    const volume = zoneVolume(zone, amount, allM2)
    const grossMm = volume.litres === null || zone.areaM2 <= 0 ? null : volume.litres / zone.areaM2
    if (grossMm !== null && grossMm > MAX_MM)
      fail('BAD_REQUEST', `amount: must be at most ${MAX_MM} mm, got ${Math.round(grossMm)} on ${field.name}`)
    const id = randomUUID()
    return {
      id,
      org,
      farmId: field.farmId,
      fieldId: field.id,
      zoneId: zone.id,
      runId: id,
      commandId: id,
      cause: MANUAL,
      decisionId: null,
      actor,
      commandedAtMs: atMs,
      commandedMinutes: ranMs / MINUTE_MS,
      openedAtMs: atMs,
      closedAtMs: ranMs > 0 ? atMs + ranMs : null,
      ranMs,
      ...volume,
      grossMm,
      netMm: grossMm === null ? null : grossMm * zone.efficiency,
      endReason: MANUAL,
      failure: null,
      batch,
      enteredAtMs: nowMs,
      // whoever writes it down says so: there is nothing left to confirm
      confirmedBy: actor,
      confirmedAtMs: nowMs,
    }
  })
}

async function readWateredZones(
  state: State,
  field: FieldRow,
  zoneId: string | null | undefined,
): Promise<WateredZone[]> {
  const zones = await state
    .selectFrom('zone')
    .selectAll()
    .where('fieldId', '=', field.id)
    // through an outlet water leaves the field
    .where('method', '<>', 'outlet')
    .orderBy('id')
    .execute()
  if (zoneId == null) return zones.length > 0 ? zones : [virtualZoneFor(field)]
  const zone = zones.find(({ id }) => id === zoneId)
  return [zone ?? fail('NOT_FOUND', `zoneId: there is no zone ${zoneId} that waters ${field.name}`)]
}

/** What one place had of it: a volume is split by area; a time gives water where the rate is known. */
function zoneVolume(
  zone: WateredZone,
  amount: NewIrrigation['amount'],
  allM2: number,
): Pick<IrrigationRow, 'litres' | 'volumeSource'> {
  const isRated = amount?.unit === 'min' && zone.applicationRateMmH > 0
  if (isRated)
    return { litres: (zone.applicationRateMmH * zone.areaM2 * amount.value) / 60, volumeSource: 'rate' }
  if (amount === null || amount.unit === 'min') return { litres: null, volumeSource: 'unknown' }
  if (amount.unit === 'mm') return { litres: amount.value * zone.areaM2, volumeSource: 'reported' }
  const litres = toLitres(amount)
  return { litres: allM2 > 0 ? (litres * zone.areaM2) / allM2 : litres, volumeSource: 'reported' }
}

const toLitres = ({ value, unit }: NonNullable<NewIrrigation['amount']>): number =>
  unit === 'm3' ? 1000 * value : value

const readBatch = (state: State, org: string, batch: string): Promise<IrrigationRow[]> =>
  state.selectFrom('irrigation').selectAll().where('org', '=', org).where('batch', '=', batch).execute()

/**
 * Zones may have been added since, and one may have been taken back; which fields were watered, when and with how much
 * stays.
 */
function isSame(kept: readonly IrrigationRow[], body: NewIrrigation): boolean {
  const zoneByField = new Map(body.fields.map(({ fieldId, zoneId }) => [fieldId, zoneId ?? null]))
  const isNamed = ({ fieldId, zoneId }: IrrigationRow) => {
    const named = zoneByField.get(fieldId)
    return named === null || named === zoneId
  }
  return (
    new Set(kept.map(({ fieldId }) => fieldId)).size === zoneByField.size &&
    kept.every((row) => isNamed(row) && row.commandedAtMs === body.atMs) &&
    isSameAmount(kept, body)
  )
}

function isSameAmount(kept: readonly IrrigationRow[], body: NewIrrigation): boolean {
  const { amount } = body
  if (amount === null || amount.unit === 'min')
    return kept.every(({ volumeSource, ranMs }) => volumeSource !== 'reported' && ranMs === durationMs(body))
  if (kept.some(({ volumeSource }) => volumeSource !== 'reported')) return false
  if (amount.unit === 'mm') return kept.every(({ grossMm }) => isNear(grossMm!, amount.value))
  return isNear(
    kept.reduce((sum, { litres }) => sum + litres!, 0),
    toLitres(amount),
  )
}

// what was split by area does not add up to the last bit
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(a, b)
