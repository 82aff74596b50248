/**
 * The monitors of the protocol's invariants at work: what is heard and done is shown to them, and what they find broken
 * is logged, counted, written into the audit, and told to a person. They watch; they stop nothing.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { linkOfDevice, livesOf, type Desk, type Live } from '../dispatch-state.ts'
import { isFresh } from '../controllers/connections.ts'
import type { Broken, Rule } from './rules.ts'
import { newSeen, type DeviceWord, type Seen } from './observed-state.ts'
import { watchDevice } from './watch-device.ts'
import { watchLive } from './watch-order.ts'

export interface Watch {
  seen: Map<string, Seen> // by controller
  hello: Map<string, { sess: string; atMs: AtMs }>
  /** what was told, and when: a rule that stays broken is told once an hour */
  told: Map<string, AtMs>
  counts: Partial<Record<Rule, number>>
}
export const newWatch = (): Watch => ({ seen: new Map(), hello: new Map(), told: new Map(), counts: {} })

const TELL_EVERY_MS = 3_600_000
const MOST_TOLD = 1_000

/** What a controller said. `lives` as they stood before it was taken. Never throws. */
export async function watchWord(
  desk: Desk,
  from: { org: string; device: string },
  word: DeviceWord,
  lives: readonly Live[] = livesOf(desk, from.device),
): Promise<void> {
  try {
    const before = desk.watch.seen.get(from.device) ?? newSeen()
    const orders = lives.map(({ life }) => life)
    const { seen, broken } = watchDevice(before, word, orders, desk.timing)
    desk.watch.seen.set(from.device, seen)
    if (word.type === 'state' && desk.watch.hello.get(from.device)?.sess !== word.state.sess)
      desk.watch.hello.set(from.device, { sess: word.state.sess, atMs: desk.clock.now() })
    await raise(desk, from, broken)
  } catch (error) {
    desk.log.error({ ...from, error }, 'a monitor failed')
  }
}

/** Every order that has not ended, as often as dispatch looks at them. */
export async function watchLives(desk: Desk): Promise<void> {
  const atMs = desk.clock.now()
  for (const { life, row, retryAtMs } of [...desk.lives.values()]) {
    // the store is away: it is known already
    if (retryAtMs > 0) continue
    const helloAtMs = desk.watch.hello.get(row.deviceId)?.atMs ?? null
    const fresh = isFresh(linkOfDevice(desk, row.deviceId), atMs, desk.timing.freshMs)
    const broken = watchLive(life, { atMs, helloAtMs, isFresh: fresh }, desk.timing)
    await raise(desk, { org: row.org, device: row.deviceId }, broken)
  }
}

/** Tells of what is broken. Never throws: a farm must run on while nobody can write it down. */
export async function raise(
  desk: Desk,
  { org, device }: { org: string; device: string },
  broken: readonly Broken[],
): Promise<void> {
  for (const { rule, valve, seq, detail } of broken)
    try {
      desk.watch.counts[rule] = (desk.watch.counts[rule] ?? 0) + 1
      const atMs = desk.clock.now()
      const key = `${device} ${valve} ${rule} ${seq}`
      if (Math.abs(atMs - (desk.watch.told.get(key) ?? -Infinity)) < TELL_EVERY_MS) continue
      desk.watch.told.set(key, atMs)
      if (desk.watch.told.size > MOST_TOLD) desk.watch.told.delete(desk.watch.told.keys().next().value!)
      desk.log.error({ org, device, rule, valve, seq, ...detail }, 'a rule of the valve protocol is broken')
      await appendAudit(desk.state, {
        org,
        atMs,
        actor: 'system',
        action: 'rule-broken',
        subject: device,
        detail: { rule, valve, seq, ...detail },
      })
      // a clock that was set harms no run: for whoever reads the log
      if (rule !== 'I14')
        await desk.alerts.raise('rule-broken', { org, device, valve, fieldId: null }, atMs, { rule, seq })
    } catch (error) {
      desk.log.error({ device, rule, valve, error }, 'a broken rule could not be written down')
    }
}
