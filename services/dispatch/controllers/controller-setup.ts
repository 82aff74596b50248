/** The configuration of the controllers, their command keys and their meters. */
import { parseTelemetry, type Config } from '../../../broker/contract/messages.ts'
import { parseTopic, topicOf } from '../../../broker/contract/topics.ts'
import type { Bus, Logger } from '../../ports.ts'
import { keyName, type DispatchState } from '../dispatch-state.ts'
import { superviseTelemetry } from '../flow/flow-supervision.ts'
import type { Address } from '../outbox.ts'
import type { WaitingMessages } from './waiting-messages.ts'

/** What receives the messages of controllers. */
export interface ControllerServices {
  bus: Bus
  log: Logger
  messages: WaitingMessages
  dispatch: DispatchState
}

/**
 * `setUpControllers` publishes the protocol intervals to every controller as retained configuration, and subscribes to the
 * telemetry of new controllers. Only controllers: the probes of a large farm send far more messages. `greetController`
 * publishes them again to one that has just connected.
 */
export function controllerSetup({ bus, log, messages, dispatch }: ControllerServices) {
  const subscribed = new Set<string>()
  const configs = new Map<string, Config>()

  async function subscribeToMeter(topic: string): Promise<void> {
    if (subscribed.has(topic)) return
    subscribed.add(topic)
    await bus.subscribe(topic, ({ topic, payload }) => {
      const from = parseTopic(topic)
      const telemetry = parseTelemetry(payload)
      // ingest stores invalid messages with their reason
      if (from.ok && telemetry.ok)
        return messages.add(from.value, () => superviseTelemetry(dispatch, from.value, telemetry.value))
    })
  }

  async function setUpControllers(): Promise<void> {
    const rows = await dispatch.state
      .selectFrom('device')
      .select(['id', 'org', 'commandKey'])
      .where('commandKey', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    const { heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs } = dispatch.timing
    const version = Math.floor(dispatch.clock.now() / 1000)
    const config: Config = { v: 1, version, heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs }
    configs.clear()
    // in memory: a STOP closes while the store does not respond
    dispatch.commandKeys.clear()
    for (const { id, org, commandKey } of rows) {
      dispatch.commandKeys.set(keyName(org, id), commandKey)
      configs.set(topicOf(org, id, 'config'), config)
      dispatch.outbox.config({ org, device: id }, config)
    }
    const subscriptions = rows.map(({ id, org }) => subscribeToMeter(topicOf(org, id, 'telemetry')))
    await Promise.all(subscriptions).catch((error: unknown) =>
      log.warn({ error }, 'could not subscribe to the meters of some controllers'),
    )
  }

  function greetController({ org, device }: Address): void {
    const config = configs.get(topicOf(org, device, 'config'))
    if (config !== undefined) dispatch.outbox.config({ org, device }, config)
  }

  return { setUpControllers, greetController }
}
