/** The messages of controllers, from the bus to their handlers in dispatch. */
import { parseAck, parseHeartbeat, parseState } from '../../../broker/contract/messages.ts'
import type { Result } from '../../../broker/contract/result.ts'
import { everyDevice, parseTopic, type DeviceKind } from '../../../broker/contract/topics.ts'
import type { Address } from '../outbox.ts'
import { openDueRuns } from '../runs/open-run.ts'
import type { ControllerServices } from './controller-setup.ts'
import { handleAck, handleHeartbeat, handleState } from './handle-message.ts'
import { acceptMessage, refuseMessage } from './refused-messages.ts'

/** Subscribes to state, heartbeats and acks of every controller; invalid ones are refused with an alert. */
export async function subscribeToControllers({
  bus,
  log,
  messages,
  dispatch,
}: ControllerServices): Promise<void> {
  const subscribe = <T>(
    kind: DeviceKind,
    parse: (payload: Uint8Array) => Result<T>,
    handle: (from: Address, message: T, retained: boolean) => Promise<void>,
  ) =>
    bus.subscribe(everyDevice(kind), ({ topic, payload, retained }) => {
      const from = parseTopic(topic)
      const message = parse(payload)
      if (!from.ok) return log.warn({ topic, reason: from.error }, 'invalid message')
      if (!message.ok) {
        log.warn({ topic, reason: message.error }, 'invalid message')
        // an empty retained message clears the topic
        if (payload.length === 0) return
        return messages.add(from.value, () => refuseMessage(dispatch, from.value, kind, message.error))
      }
      return messages.add(from.value, async () => {
        await handle(from.value, message.value, retained)
        await acceptMessage(dispatch, from.value, kind)
        // a due run may wait for this message
        if (dispatch.dueRuns.size > 0)
          await openDueRuns(dispatch, kind === 'ack' ? undefined : from.value.device)
      })
    })

  await subscribe('state', parseState, (from, state, retained) =>
    handleState(dispatch, from, state, retained),
  )
  await subscribe('heartbeat', parseHeartbeat, (from, heartbeat) =>
    handleHeartbeat(dispatch, from, heartbeat),
  )
  await subscribe('ack', parseAck, (from, ack) => handleAck(dispatch, from, ack))
}
