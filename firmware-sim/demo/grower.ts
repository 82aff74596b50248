/**
 * A grower who manages the pests of one field: imports the demo products, enters the planned harvest, plans a spray in
 * the first proposed window, accepts restricted or unknown checks by name, and records the spray after it is done.
 * Uses the HTTP API.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Call } from './member.ts'

/** The parts of GET /api/fields/:id/pest-control that a grower uses. */
interface PestControlView {
  seasonId: string | null
  proposals: {
    target: string
    action: string
    options: { productId: string; result: string; windows: { fromMs: AtMs }[]; dose: Dose | null }[]
  }[]
  treatments: { id: string; state: string; fromMs: AtMs; toMs: AtMs }[]
}
interface Dose {
  unit: string
  amount: number
  dilution: number | null
  volumeL10a: number | null
}
interface Treatment {
  id: string
  plan: { checks: { key: string; result: string }[] }
}

const SPRAY_MS = 2 * 3_600_000
/** The grower checks at midnight and sprays after sunrise. */
const MORNING_MS = 6 * 3_600_000

export interface Grower {
  /** Imports the product list and enters the planned harvest. Call it once. */
  prepare(harvestDay: string): Promise<void>
  /** Plans the proposed sprays of the field and records the ones that are done. */
  managePests(nowMs: AtMs): Promise<void>
}

/** `operator`: the name in the records. `managePests` passes an error to `report`; `prepare` rejects. */
export function grower(
  call: Call,
  fieldId: string,
  { operator, report }: { operator: string; report(text: string): void },
): Grower {
  const fetchView = () => call<PestControlView>('GET', `/api/fields/${fieldId}/pest-control`)

  async function spray({ proposals }: PestControlView, nowMs: AtMs): Promise<void> {
    const proposal = proposals.find(({ action, options }) => action === 'treat' && options.length > 0)
    const offer = proposal?.options.find(({ windows }) => windows.length > 0) ?? proposal?.options[0]
    if (!proposal || !offer?.dose) return
    // without a wind forecast there is no window: the grower decides, and is responsible
    const fromMs = offer.windows[0]?.fromMs ?? nowMs + MORNING_MS
    const { unit, amount, dilution, volumeL10a } = offer.dose
    const dose = dilution === null ? { unit, amount } : { unit, dilution, volumeL10a }
    const { id, plan } = await call<Treatment>('POST', '/api/treatments', {
      fieldId,
      target: proposal.target,
      productId: offer.productId,
      operator,
      ...dose,
      fromMs,
      toMs: fromMs + SPRAY_MS,
      flowering: false,
    })
    const isForbidden = plan.checks.some(({ result }) => result === 'forbidden')
    if (isForbidden) return void (await call('POST', `/api/treatments/${id}/void`, { reason: 'forbidden' }))
    const accepts = plan.checks.filter(({ result }) => result !== 'allowed').map(({ key }) => key)
    await call('POST', `/api/treatments/${id}/confirm`, { accepts })
  }

  return {
    async prepare(harvestDay) {
      const demo = { format: 'demo', text: '' }
      const { hash } = await call<{ hash: string }>('POST', '/api/products/preview', demo)
      await call('POST', '/api/products/import', { ...demo, hash, leaveOut: 0 })
      const { seasonId } = await fetchView()
      if (seasonId !== null)
        await call('POST', `/api/seasons/${seasonId}/planned-harvest`, { day: harvestDay })
    },
    async managePests(nowMs) {
      // retried on the next day, but the person who runs the demonstration must see the error
      await sprayOrRecord(nowMs).catch((error: Error) => report(`${operator}, ${fieldId}: ${error.message}`))
    },
  }

  async function sprayOrRecord(nowMs: AtMs): Promise<void> {
    const view = await fetchView()
    for (const { id, state, fromMs, toMs } of view.treatments) {
      if (state !== 'confirmed' || toMs > nowMs) continue
      await call('POST', `/api/treatments/${id}/done`, { startMs: fromMs, endMs: toMs })
      await call('POST', `/api/treatments/${id}/record`)
    }
    await spray(view, nowMs)
  }
}
