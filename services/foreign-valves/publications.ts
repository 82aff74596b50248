/**
 * What a controller of another make publishes now. While a valve has not reported that it is open, or its closing is not
 * proved, its acks and every state are held back: the heartbeats show that the controller is there.
 */
import type { Ack } from '../../broker/contract/messages.ts'
import { createDraft, orderEffects } from '../../broker/contract/valve-device/draft.ts'
import { publishDueReports } from '../../broker/contract/valve-device/reports.ts'
import type { ValveDevice } from '../../broker/contract/valve-device/types.ts'
import type { ControllerDraft, ForeignController, Publication } from './controller-types.ts'

/** Valves that are ordered open and have not said so, or are ordered closed without a proof. */
export function unsettledValves({
  device,
  outputs,
}: Pick<ForeignController, 'device' | 'outputs'>): string[] {
  return Object.entries(outputs).flatMap(([id, { valve }]) => {
    const ordered = device.valves[id]
    const { run, phase } = valve
    const isOpenAsOrdered = run !== null && run.seq === ordered?.seq && run.openedMonoMs !== null
    const isSettled = ordered?.isOpen === true ? isOpenAsOrdered : run === null || phase === 'unordered'
    return isSettled ? [] : [id]
  })
}

/** The messages that are true after an event, and whether a state is still held back. */
export function publicationsOf(
  draft: ControllerDraft,
  before: ForeignController,
): { published: Publication[]; isStateHeld: boolean } {
  const unsettled = unsettledValves(draft)
  const isNews = before.isStateHeld || draft.published.some(({ kind }) => kind === 'state')
  const isState = isNews || unsettledValves(before).some((id) => !unsettled.includes(id))
  const published = draft.published.flatMap((effect): Publication[] => {
    if (effect.kind === 'state') return []
    if (effect.kind === 'heartbeat') return [effect]
    const message = currentAck(effect.message, draft.device)
    return message === null || isHeld(message, unsettled) ? [] : [{ ...effect, message }]
  })
  if (!isState || unsettled.length > 0) return { published, isStateHeld: isState }
  return { published: [...published, ...currentState(draft)], isStateHeld: false }
}

const isHeld = ({ valve }: Ack, unsettled: readonly string[]): boolean =>
  valve === '*' ? unsettled.length > 0 : unsettled.includes(valve)

/** An ack with the runs as they stand now: what the valve has proved comes after the machine has acknowledged. */
function currentAck(ack: Ack, { valves, flash }: ValveDevice): Ack | null {
  const { valve, seq, st } = ack
  if (st === 'running') return valves[valve]?.isOpen === true && valves[valve].seq === seq ? ack : null
  const jr = ack.jr.map(
    (entry) => flash.journal.findLast((now) => now.valve === entry.valve && now.seq === entry.seq) ?? entry,
  )
  const own = jr.find((entry) => entry.valve === valve && entry.seq === seq)
  return own === undefined ? { ...ack, jr } : { ...ack, jr, ranMs: own.ranMs, litres: own.litres ?? null }
}

/** The state as it is now. */
function currentState(draft: ControllerDraft): Publication[] {
  const changed = createDraft(draft.device, draft.monoMs)
  changed.hasChanged = true
  publishDueReports(changed)
  draft.device = changed.device
  return orderEffects(changed).flatMap((effect) => (effect.type === 'publish' ? [effect] : []))
}
