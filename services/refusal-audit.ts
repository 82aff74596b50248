/**
 * What a device tried and was not allowed stands in the audit of its organisation: the first of its kind at once, the
 * others of the next ten minutes as one line that counts them, so that nobody fills the disk by trying. What strangers
 * try is counted by the broker alone: it belongs to no organisation.
 */
import { MINUTE_MS, type Clock } from '../broker/contract/time.ts'
import type { OnRefused, Refused } from '../broker/refused.ts'
import { appendAudit } from './audit.ts'
import type { Logger, State } from './ports.ts'

export interface RefusalAudit {
  refused: OnRefused
  /** Writes what has been counted and not written. */
  stop(): Promise<void>
}

const GATHER_MS = 10 * MINUTE_MS
const REASON_CHARS = 200
// look-ups that have not been answered: a flood of strangers must not queue up behind the store
const MOST_LOOKUPS = 100

interface Gathered {
  device: string
  org: string
  what: Refused['what']
  reason: string // the newest
  times: number // not written yet
}

export function openRefusalAudit(deps: { state: State; clock: Clock; log: Logger }): RefusalAudit {
  const { state, clock, log } = deps
  const gathering = new Map<string, Gathered>() // by device and what
  const lookups = new Map<string, { times: number }>() // by what was claimed, and what
  const cancels = new Set<() => void>()
  let work: Promise<unknown> = Promise.resolve()

  function then(run: () => Promise<void>): void {
    work = work.then(run).catch((error: unknown) => log.error({ error }, 'a refusal could not be audited'))
  }

  function refused(it: Refused): void {
    const { claims, what, reason } = it
    const known = gathering.get(`${claims[0]} ${what}`)
    if (known !== undefined) {
      known.times++
      known.reason = reason
      return
    }
    const key = `${claims.join(' ')} ${what}`
    const waiting = lookups.get(key)
    if (waiting !== undefined) return void waiting.times++
    if (lookups.size >= MOST_LOOKUPS) return
    const lookup = { times: 1 }
    lookups.set(key, lookup)
    then(async () => {
      const device = await find(claims).finally(() => lookups.delete(key))
      if (device !== undefined) await gather(device, it, lookup.times)
    })
  }

  async function find(claims: readonly string[]): Promise<{ id: string; org: string } | undefined> {
    const found = await state.selectFrom('device').select(['id', 'org']).where('id', 'in', claims).execute()
    return claims.map((claim) => found.find(({ id }) => id === claim)).find((device) => device)
  }

  async function gather(
    { id: device, org }: { id: string; org: string },
    { what, reason }: Refused,
    times: number,
  ): Promise<void> {
    const key = `${device} ${what}`
    const known = gathering.get(key)
    if (known !== undefined) return void (known.times += times)
    const gathered = { device, org, what, reason, times: times - 1 }
    gathering.set(key, gathered)
    const cancel = clock.at(clock.now() + GATHER_MS, () => {
      cancels.delete(cancel)
      end(key, gathered)
    })
    cancels.add(cancel)
    await write({ ...gathered, times: 1 })
  }

  function end(key: string, gathered: Gathered): void {
    gathering.delete(key)
    if (gathered.times > 0) then(() => write(gathered))
  }

  const write = ({ org, device, what, reason, times }: Gathered): Promise<void> =>
    appendAudit(state, {
      org,
      atMs: clock.now(),
      actor: 'system',
      action: `device.refused.${what}`,
      subject: device,
      detail: { reason: reason.slice(0, REASON_CHARS), times },
    })

  return {
    refused,
    async stop() {
      for (const cancel of cancels) cancel()
      await work
      for (const [key, gathered] of gathering) end(key, gathered)
      await work
    },
  }
}
