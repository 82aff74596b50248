/**
 * Members who record their work on the dashboard: in spring the load tickets of last season, then all work at the end
 * of each day. A spray and the last work wait for confirmation. Uses the HTTP API.
 */
import { dayOf, HOUR_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { FieldPlan, Place } from './co-operative.ts'
import { lastSeason, type PastSeason } from './diary-last-season.ts'
import { plannedHarvests, thisSeason, type DiaryWork } from './diary-this-season.ts'
import type { Call } from './member.ts'

export interface Diary {
  /** Enters last season and the planned harvests of this one. Call it once. */
  prepare(): Promise<void>
  /** Enters the missing work of all days up to now. */
  enterUntil(nowMs: AtMs): Promise<void>
  /** Drafts a spray of two paddies on the morning of a day, to be confirmed by a person. */
  draftSpray(day: Day): Promise<void>
}

interface LoadTicket {
  grossKg: number
  day: Day
  moisturePct: number | null
}

const SPRAY = { target: 'rice-leaf-blast', registration: 'DEMO-003', fields: ['paddy-7', 'paddy-3'] as const }
const SPRAY_FROM_H = 6
const SPRAY_H = 2

/**
 * `nameOf` puts the words of the records into the language of the demonstration. `enterUntil` passes an error to `report`
 * and continues with the next work; `prepare` and `draftSpray` reject.
 */
export function diary(
  call: Call,
  place: Place,
  { nameOf, report }: { nameOf: (name: string) => string; report: (text: string) => void },
): Diary {
  const fields = new Map(place.farms.flatMap((farm) => farm.fields.map((field) => [field.id, field])))
  let next = 0 // of this season's work

  async function enterPast(pastSeason: PastSeason): Promise<void> {
    const { fieldId, crop, variety, plantedDay, form } = pastSeason
    const year = Number(plantedDay.slice(0, 4))
    const season = { fieldId, year, crop, variety, plantedDay }
    const { id: seasonId } = await call<{ id: string }>('POST', '/api/seasons', season)
    for (const [n, load] of splitIntoLoads(pastSeason, fields.get(fieldId)!).entries())
      await call('POST', `/api/fields/${fieldId}/loads`, {
        ...load,
        seasonId,
        form,
        idem: `diary:${fieldId}:${n}`,
        ticket: `${year}-${fieldId}-${n + 1}`,
        foreignPct: 0,
        destination: nameOf(form === 'fresh' ? 'Packing house' : 'JA Shinano Hills'),
        ...(form === 'fresh' ? {} : { meter: nameOf('Weighbridge 2'), meterDay: `${year}-06-30` }),
        ...(form === 'brown-rice' ? { grade: '1', sieveMm: 1.85 } : {}),
      })
    const harvestedDay = pastSeason.loads.at(-1)![0]
    await call('POST', `/api/seasons/${seasonId}/harvest`, { harvestedDay })
  }

  async function enterWork(work: DiaryWork, n: number): Promise<void> {
    const { fields: fieldNumbers, kg10a, material, ...details } = work
    const idem = `diary:work:${n}`
    await call('POST', '/api/field-work', {
      ...translated(details, nameOf),
      ...(material === undefined ? {} : { material: { ...material, name: nameOf(material.name) } }),
      idem,
      fields: fieldNumbers.map((fieldId) => ({ fieldId })),
      ...(kg10a === undefined ? {} : { amount: { value: kg10a, unit: 'kg/10a', bagKg: null } }),
    })
    if (n === thisSeason.length - 1) return
    const { work: created } = await call<{ work: { id: string; batch: string }[] }>(
      'GET',
      `/api/fields/${fieldNumbers[0]}/work`,
    )
    await call('POST', `/api/field-work/${created.find(({ batch }) => batch === idem)!.id}/confirm`)
  }

  return {
    async prepare() {
      for (const season of lastSeason) await enterPast(season)
      for (const [fieldId, day] of Object.entries(plannedHarvests)) {
        const { seasonId } = await call<{ seasonId: string }>('GET', `/api/fields/${fieldId}/pest-control`)
        await call('POST', `/api/seasons/${seasonId}/planned-harvest`, { day })
      }
    },
    async enterUntil(nowMs) {
      const today = dayOf(nowMs - 1, place.timeZone)
      for (; next < thisSeason.length && thisSeason[next]!.day <= today; next++)
        await enterWork(thisSeason[next]!, next).catch((error: Error) =>
          report(`diary of ${thisSeason[next]!.day}: ${error.message}`),
        )
    },
    async draftSpray(day) {
      const { products } = await call<{ products: { id: string; registrationNumber: string }[] }>(
        'GET',
        '/api/products',
      )
      const product = products.find(({ registrationNumber }) => registrationNumber === SPRAY.registration)!
      const [fieldId, also] = SPRAY.fields
      const fromMs = startOfDay(day, place.timeZone) + SPRAY_FROM_H * HOUR_MS
      await call('POST', '/api/treatments', {
        fieldId,
        alsoIn: [{ fieldId: also }],
        target: SPRAY.target,
        productId: product.id,
        fromMs,
        toMs: fromMs + SPRAY_H * HOUR_MS,
        operator: nameOf('Sato Hana'),
        unit: 'g/10a',
        dilution: 1000,
        volumeL10a: 100,
      })
    },
  }
}

/** The object with its texts translated; a text without a translation stays as it is. */
const translated = (texts: Record<string, string>, translate: (text: string) => string) =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, translate(text)]))

/** The first load is the largest. */
const DECREASE_PER_LOAD = 0.12

/** Splits the yield of the field into loads, each at its own moisture. */
function splitIntoLoads({ kg10a, basePct, loads }: PastSeason, { areaM2 }: FieldPlan): LoadTicket[] {
  const weights = loads.map((_, n) => 1 - DECREASE_PER_LOAD * n)
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0)
  return loads.map(([day, moisturePct], n) => {
    const standardKg = (kg10a * areaM2 * weights[n]!) / 1000 / totalWeight
    const dryShare = basePct === null || moisturePct === null ? 1 : (100 - basePct) / (100 - moisturePct)
    return { day, moisturePct, grossKg: Math.round(standardKg * dryShare) }
  })
}
