/** Connects the publisher to Home Assistant with the API, whose screens and requests it shares. */
import { randomUUID } from 'node:crypto'
import { openMqttBus } from '../adapters/bus/mqtt-bus.ts'
import type { Api } from '../api/api.ts'
import type { Settings } from '../config/settings.ts'
import { readVersion } from '../config/version.ts'
import { startHomeAssistant } from '../home-assistant/start-home-assistant.ts'
import type { Bus, Clock, Logger, Running, State } from '../ports.ts'

/** Author of its requests in the audit and in the records. */
const HOME_ASSISTANT = 'home-assistant'

/** Starts the publisher. Requests of Home Assistant pass the same interlocks as those of a person. */
export const wireHomeAssistant = (deps: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  api: Pick<Api, 'fieldSummaries' | 'submitFor'>
  settings: Pick<Settings, 'publicUrl'>
}): Promise<Running> => {
  const { api, log, settings } = deps
  const submit = async (org: string, request: Parameters<Api['submitFor']>[1]): Promise<void> => {
    const { id, kind, state, reason } = {
      ...request,
      ...(await api.submitFor({ org, name: HOME_ASSISTANT }, request)),
    }
    if (state === 'refused')
      log.warn({ org, request: id, kind, reason }, 'a request of Home Assistant was refused')
  }
  return startHomeAssistant({
    ...deps,
    version: readVersion(),
    publicUrl: settings.publicUrl,
    openBroker: async (to, onConnected) => {
      const broker = await openMqttBus(to, { log, mayBeAway: true })
      broker.onConnected(onConnected)
      return broker
    },
    readFields: api.fieldSummaries,
    requestStart: (org, zoneId, minutes) => submit(org, { id: randomUUID(), kind: 'start', zoneId, minutes }),
    requestStop: (org, zoneId) => submit(org, { id: randomUUID(), kind: 'stop', zoneId }),
  })
}
