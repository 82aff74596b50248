/**
 * Records water applied by hand, or by a valve that Tilth does not control: one record per zone, or for the
 * field when no zone irrigates it. An offline phone queues the entry and may send it more than once: its key
 * makes it one batch. A repeat gets the first response; the same key with other water is rejected.
 */
import { randomUUID } from 'node:crypto'
import { DAY_MS, dayOf, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import {
  MANUAL_ENTRY,
  IRRIGATION_REPORTED,
  virtualZoneFor,
  type WateredZone,
} from '../../domain/manual-water.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { FieldRow, IrrigationRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { NewIrrigation } from './irrigation-schemas.ts'
import { seasonsOnOrNext } from '../farms/season-queries.ts'
import { selectFields, type SelectedField } from '../farms/field-selection-queries.ts'
import { announce, audit } from '../http/audited-write.ts'

// a larger depth is a wrong unit: half of it floods a paddy after puddling
const MAX_MM = 500
const MAX_DURATION_MS = DAY_MS // queries for a day's water start one day earlier

/**
 * Writes all records or none. BAD_REQUEST for a future or excessive amount, NO_ACTIVE_SEASON when no crop
 * grew, CONFLICT when the key was used for other water.
 */
export async function recordManualIrrigation(
  context: Context,
  caller: Caller,
  body: NewIrrigation,
): Promise<{ id: string; receivedMs: AtMs }> {
  const { state, clock } = context
  const { org } = caller
  const fields = await selectFields(state, org, body.fields)
  const existing = await readBatch(state, org, body.idem)
  if (existing.length > 0) return repeatedResult(existing, body)
  checkTime(body, clock.now())
  await checkSeasons(state, fields, body.atMs)
  const rows = await irrigationRows(state, caller, fields, body, clock.now())
  const stored = await inOrg(state, org, async (store) => {
    const before = await readBatch(store, org, body.idem)
    if (before.length > 0) return before
    await store.insertInto('irrigation').values(rows).execute()
    await audit({ state: store, clock }, caller, 'irrigation.add', fields[0]!.field.id, body)
    return rows
  })
  if (stored !== rows) return repeatedResult(stored, body)
  await announce(context, org, {
    event: 'field',
    id: IRRIGATION_REPORTED,
    fields: fields.map(({ field }) => field.id),
  })
  return { id: body.idem, receivedMs: stored[0]!.enteredAtMs! }
}

function repeatedResult(
  stored: readonly IrrigationRow[],
  body: NewIrrigation,
): { id: string; receivedMs: AtMs } {
  if (!isSame(stored, body)) fail('CONFLICT', 'idem: this key was used for another entry; create a new key')
  return { id: body.idem, receivedMs: stored[0]!.enteredAtMs! }
}

const durationMs = ({ amount }: NewIrrigation): number =>
  amount?.unit === 'min' ? Math.round(amount.value * MINUTE_MS) : 0

function checkTime(body: NewIrrigation, nowMs: AtMs): void {
  const ranMs = durationMs(body)
  if (ranMs > MAX_DURATION_MS)
    fail('BAD_REQUEST', `amount: must be at most one day (1,440 min), got ${body.amount!.value} min`)
  if (body.atMs + ranMs > nowMs)
    fail(
      'BAD_REQUEST',
      `atMs: manual irrigation must have ended by now (${nowMs}), got an end at ${body.atMs + ranMs}`,
    )
}

async function checkSeasons(state: State, fields: readonly SelectedField[], atMs: AtMs): Promise<void> {
  for (const { field, timeZone } of fields) {
    if ((await seasonsOnOrNext(state, [field.id], dayOf(atMs, timeZone))).size > 0) continue
    const params = { field: field.name }
    fail(
      'NO_ACTIVE_SEASON',
      `atMs: must be in a season of ${field.name} or within half a year before one, got a day without a crop`,
      {
        params,
      },
    )
  }
}

/** The irrigated zones of each field; the whole field when no zone irrigates it. */
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
      cause: MANUAL_ENTRY,
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
      endReason: MANUAL_ENTRY,
      failure: null,
      batch,
      enteredAtMs: nowMs,
      // the author confirms the entry by writing it
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
  return [zone ?? fail('NOT_FOUND', `zoneId: must be a zone that irrigates ${field.name}, got ${zoneId}`)]
}

/** The volume of one zone: a total is split by area; a duration gives water when the rate is known. */
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

/** Zones may have been added or records voided since; the fields, the time and the amount must match. */
function isSame(stored: readonly IrrigationRow[], body: NewIrrigation): boolean {
  const zoneByField = new Map(body.fields.map(({ fieldId, zoneId }) => [fieldId, zoneId ?? null]))
  const isNamed = ({ fieldId, zoneId }: IrrigationRow) => {
    const named = zoneByField.get(fieldId)
    return named === null || named === zoneId
  }
  return (
    new Set(stored.map(({ fieldId }) => fieldId)).size === zoneByField.size &&
    stored.every((row) => isNamed(row) && row.commandedAtMs === body.atMs) &&
    isSameAmount(stored, body)
  )
}

function isSameAmount(stored: readonly IrrigationRow[], body: NewIrrigation): boolean {
  const { amount } = body
  if (amount === null || amount.unit === 'min')
    return stored.every(
      ({ volumeSource, ranMs }) => volumeSource !== 'reported' && ranMs === durationMs(body),
    )
  if (stored.some(({ volumeSource }) => volumeSource !== 'reported')) return false
  if (amount.unit === 'mm') return stored.every(({ grossMm }) => isNear(grossMm!, amount.value))
  return isNear(
    stored.reduce((sum, { litres }) => sum + litres!, 0),
    toLitres(amount),
  )
}

// volumes split by area do not add up to the last bit
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(a, b)
