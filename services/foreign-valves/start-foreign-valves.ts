/**
 * Valves of other makes: for each controller of theirs Tilth runs the machine of a controller, and the drivers of its
 * valves below it. Commands arrive on the topics of the controller, as for any other; its state, acks and heartbeats are
 * published there. One queue, one timer.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { parseCommand, parseConfig } from '../../broker/contract/messages.ts'
import { delivery, topicOf } from '../../broker/contract/topics.ts'
import { loadValveAlerts } from '../domain/valve-alerts.ts'
import type { Profile } from '../integrations/profiles/read-profile.ts'
import type { Bus, Clock, FromStop, Logger, Running, State } from '../ports.ts'
import type {
  ForeignValveControl,
  IntegrationConnections,
  IntegrationMessage,
} from '../ports/integrations.ts'
import { publishChange, subscribeToChanges } from '../runtime/change-events.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import type { ControllerEffect, WithoutTime, ControllerEvent } from './controller-types.ts'
import { startRunner } from './controller-runner.ts'
import { loadControllers, storeChange, type StoredController } from './controller-rows.ts'
import { foreignCauses } from './foreign-alerts.ts'
import { isSameSet, withCurrentTests, type RunningController } from './running-controller.ts'
import { watchMeter } from './meter-watch.ts'
import { valveControl } from './valve-control.ts'
import { reportTaker } from './valve-reports.ts'
import { setupSteps } from './valve-setup.ts'
import { gatewayVersion, mayConcern } from './valve-topics.ts'
import { valueReader } from './valve-values.ts'

export interface ForeignValves extends ForeignValveControl, Running {
  /** Resolves when everything received so far is processed and every effect has left. */
  settled(): Promise<void>
}

/** Starts every controller of another make, and follows their rows. */
export async function startForeignValves(deps: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  connections: IntegrationConnections
  profiles: () => ReadonlyMap<string, Profile>
}): Promise<ForeignValves> {
  const { state, bus, clock, log, connections, profiles } = deps
  const entries = new Map<string, RunningController>()
  const subscribed = new Set<string>()
  const queue = serialQueue()
  const inFlight = new Set<Promise<void>>()
  let isStopped = false
  const alerts = await loadValveAlerts({
    state,
    log,
    causes: foreignCauses,
    newId: randomUUID,
    publish: (org, change) => track(publishChange(bus, org, change)),
  })
  const startMonoMs = clock.monoMs?.() ?? clock.now()
  const monoMs = () => Math.floor((clock.monoMs?.() ?? clock.now()) - startMonoMs)
  const takeReport = reportTaker({ state, bus, clock, log, alerts, monoMs })
  let cancelWake = () => {}

  function track(running: Promise<void>): void {
    const done = running
      .catch((error: unknown) => log.warn({ error }, 'a message of a valve of another make did not leave'))
      .finally(() => inFlight.delete(done))
    inFlight.add(done)
  }

  function enqueue(task: () => Promise<void>): Promise<void> {
    return queue.enqueue(async () => {
      if (isStopped) return
      try {
        await task()
      } catch (error) {
        log.error({ error }, 'an event of a valve of another make could not be processed')
      }
      setWake()
    })
  }

  function setWake(): void {
    cancelWake()
    const atMonoMs = Math.min(Infinity, ...[...entries.values()].map(({ runner }) => runner.wakeMonoMs()))
    if (atMonoMs === Infinity || isStopped) return
    cancelWake = clock.at(clock.now() + Math.max(1, atMonoMs - monoMs()), () =>
      enqueue(async () => {
        for (const { runner } of entries.values())
          if (runner.wakeMonoMs() <= monoMs()) await runner.apply({ type: 'tick' })
      }),
    )
  }

  /** Applies an event to a controller that still runs. */
  const applyTo = (deviceId: string, event: WithoutTime<ControllerEvent>): Promise<void> =>
    enqueue(async () => entries.get(deviceId)?.runner.apply(event))

  async function load(): Promise<void> {
    const rows = await loadControllers(state, log)
    const wanted = new Map(rows.map((stored) => [stored.deviceId, stored]))
    for (const [id, { endWatch, runner }] of entries) {
      // a run in progress is ended by its proof first
      const isBusy = Object.values(runner.controller().outputs).some(({ valve }) => valve.run !== null)
      if (wanted.has(id) || isBusy) continue
      endWatch()
      entries.delete(id)
    }
    for (const stored of rows) {
      const entry = entries.get(stored.deviceId)
      if (entry === undefined) await start(stored)
      else if (isSameSet(entry.stored, stored)) {
        entry.stored = stored
        entry.runner.update(withCurrentTests(stored, entry.version))
      } else {
        entry.endWatch()
        entries.delete(stored.deviceId)
        await start(stored)
      }
    }
  }

  async function start(stored: StoredController): Promise<void> {
    const { deviceId, org, integration } = stored
    const runner = await startRunner(stored, {
      monoMs,
      store: (change) => storeChange(state, change),
      perform: (effect) => perform(deviceId, effect),
      onStoreFailed: (error) =>
        log.error({ error, device: deviceId }, 'a valve of another make could not be stored'),
    })
    const entry: RunningController = {
      stored,
      runner,
      values: valueReader(() => entry.stored, profiles),
      tests: new Map(),
      version: null,
      isStopped: false,
      endWatch: () => {},
    }
    entries.set(deviceId, entry)
    await subscribe(org, deviceId)
    // delivered at once and afterwards: each is an event of its own
    const endWatch = connections.watch(integration.id, {
      onConnected: (isUp) => void enqueue(() => linkChanged(entry, isUp)),
      onMessage: (message) => void onMessage(entry, message),
    })
    const endMeters = await watchMeters(deviceId, stored)
    entry.endWatch = () => [endWatch, ...endMeters].forEach((end) => end())
  }

  const watchMeters = (deviceId: string, { org, valves }: StoredController) =>
    Promise.all(
      Object.entries(valves).flatMap(([valve, { meterDeviceId }]) =>
        meterDeviceId === null
          ? []
          : [
              watchMeter(deps, { org, deviceId: meterDeviceId }, (litresPerMinute) =>
                applyTo(deviceId, { type: 'driver', valve, event: { type: 'flow', litresPerMinute } }),
              ),
            ],
      ),
    )

  async function subscribe(org: string, deviceId: string): Promise<void> {
    if (subscribed.has(deviceId)) return
    subscribed.add(deviceId)
    await bus.subscribe(topicOf(org, deviceId, 'command'), ({ payload, retained }) => {
      const command = parseCommand(payload)
      if (!command.ok) return log.warn({ device: deviceId, reason: command.error }, 'invalid command')
      return enqueue(async () => {
        const entry = entries.get(deviceId)
        if (entry === undefined) return
        const { runner } = entry
        const isOpen = command.value.op === 'open'
        entry.isStopped = !isOpen && (command.value as { force?: boolean }).force === true
        const { id, expMonoMs } = command.value as { id?: string; expMonoMs?: number }
        const isByHand = isOpen && id !== undefined && (await isCommandByHand(deviceId, id))
        const notAfterMs = clock.now() + Math.max(0, (expMonoMs ?? 0) - monoMs())
        const origin = { isByHand, notAfterMs }
        await runner.apply({ type: 'command', command: command.value, retained, origin })
      })
    })
    await bus.subscribe(topicOf(org, deviceId, 'config'), ({ payload }) => {
      const config = parseConfig(payload)
      if (config.ok) return applyTo(deviceId, { type: 'config', config: config.value })
    })
  }

  /** Dispatch has written the command before it sent it. */
  async function isCommandByHand(deviceId: string, id: string): Promise<boolean> {
    const row = await state
      .selectFrom('command')
      .select('reason')
      .where('id', '=', id)
      .where('deviceId', '=', deviceId)
      .executeTakeFirst()
    return row?.reason === 'manual'
  }

  async function linkChanged(entry: RunningController, isUp: boolean): Promise<void> {
    const nonce = randomBytes(8).toString('hex')
    await entry.runner.apply({ type: 'link', isUp, nonce })
    if (isUp) for (const step of setupSteps(entry)) track(publishStep(entry.stored.integration.id, step))
  }

  function onMessage(
    entry: RunningController,
    { topic, payload, isRetained, receivedMs }: IntegrationMessage,
  ): void {
    const { stored } = entry
    if (!Object.values(stored.valves).some(({ setup }) => mayConcern(setup.address, topic))) return
    void enqueue(async () => {
      const text = new TextDecoder().decode(payload)
      for (const { setup } of Object.values(stored.valves)) {
        const version = gatewayVersion(setup.address, topic, text)
        if (version === null || version === entry.version) continue
        entry.version = version
        entry.runner.update(withCurrentTests(entry.stored, version))
      }
      await entry.runner.count(entry.values({ topic, payload, isRetained, receivedMs }))
      await entry.runner.apply({
        type: 'driver',
        event: { type: 'received', topic, payload: text, isRetained },
      })
    })
  }

  function perform(deviceId: string, effect: ControllerEffect): void {
    const entry = entries.get(deviceId)
    const { org, integration } = entry?.stored ?? {}
    if (entry === undefined || org === undefined || integration === undefined) return
    if (effect.type === 'publish')
      return track(
        bus.publish(
          topicOf(org, deviceId, effect.kind),
          JSON.stringify(effect.message),
          delivery[effect.kind],
        ),
      )
    if (effect.type === 'report') return track(takeReport(entry, effect))
    if (effect.type !== 'send') return
    const { step, valve } = effect
    if (step.type === 'publish')
      return track(publishStep(integration.id, { ...step, isStop: entry.isStopped }))
    track(
      connections
        .get(integration.id, step.url)
        .catch(() => null)
        .then(
          (body) =>
            void applyTo(deviceId, {
              type: 'driver',
              valve,
              event: { type: 'answered', url: step.url, body },
            }),
        ),
    )
  }

  async function publishStep(
    integrationId: string,
    { topic, payload, qos, isStop = false }: { topic: string; payload: string; qos: 0 | 1 } & FromStop,
  ): Promise<void> {
    const hasLeft = await connections.publish(integrationId, { topic, payload, qos, isStop })
    if (!hasLeft) log.warn({ integration: integrationId, topic }, 'not connected: a command did not leave')
  }

  await subscribeToChanges(bus, (_org, { event }) => (event === 'device' ? enqueue(load) : undefined))
  await enqueue(load)

  return {
    ...valveControl({
      state,
      clock,
      alerts,
      entries,
      enqueue: (task) => queue.enqueue(task),
      monoMs,
      setWake,
    }),
    async settled() {
      do {
        await queue.settled()
        await Promise.all(inFlight)
      } while (inFlight.size > 0)
    },
    async stop() {
      isStopped = true
      cancelWake()
      for (const { endWatch } of entries.values()) endWatch()
      await queue.settled()
      await Promise.all(inFlight)
    },
  }
}
