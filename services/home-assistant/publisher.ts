/**
 * Publishes the fields of one organisation to the broker that Home Assistant uses, and carries out its commands to valves
 * where they are allowed. Only what has changed is sent; everything is sent again after Home Assistant has started.
 */
import { setTimeout as wait } from 'node:timers/promises'
import Type from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { FieldSummary } from '../domain/field-summary.ts'
import type { Bus, BusMessage, Clock, Logger } from '../ports.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import type { HomeAssistantOptions } from '../tables.ts'
import { describeField, withRemovals, type Component } from './describe-field.ts'
import { fieldMessages } from './field-messages.ts'
import {
  availabilityTopic,
  BIRTH_TOPIC,
  descriptionTopic,
  EVERY_DESCRIPTION,
  everyCommand,
  valveOfCommand,
} from './topics.ts'
import { judgeCommand } from './valve-commands.ts'

const RETAINED = { qos: 1, retain: true } as const
// all installations of a broker would answer Home Assistant's start at once
const MAX_BIRTH_WAIT_MS = 10_000

export interface PublisherDeps {
  /** a connection whose will is `offline` on the availability topic */
  bus: Pick<Bus, 'publish' | 'subscribe'>
  clock: Pick<Clock, 'now'>
  log: Logger
  org: string
  options: HomeAssistantOptions
  version: string
  publicUrl: string | null
  readFields: () => Promise<FieldSummary[]>
  /** Requests of Home Assistant, under the same interlocks as those of a person. */
  requests: { start(zoneId: string, minutes: number): Promise<void>; stop(zoneId: string): Promise<void> }
  /** 0 to 1 */
  random: () => number
}

export interface Publisher {
  /** Publishes what has changed since the last time; `all`: everything. */
  publish(what?: { all: boolean }): Promise<void>
  /** `offline`, which a will does not say when the connection ends in order. */
  stop(): Promise<void>
}

/** Subscribes and publishes everything once. */
export async function startPublisher(deps: PublisherDeps): Promise<Publisher> {
  const { bus, clock, log, options, version, publicUrl } = deps
  const { base, mayOpenValves } = options
  const queue = serialQueue()
  const sent = new Map<string, string>()
  /** descriptions of this Tilth that are retained at the broker, by topic; of an earlier start too */
  const described = new Map<string, Record<string, Component>>()
  const lastOpenMs = new Map<string, AtMs>()
  let isStopped = false

  async function send(topic: string, payload: string): Promise<void> {
    if (sent.get(topic) === payload) return
    await bus.publish(topic, payload, RETAINED)
    sent.set(topic, payload)
  }

  async function publishFields(): Promise<void> {
    const fields = await deps.readFields()
    const nowMs = clock.now()
    for (const field of fields) {
      const topic = descriptionTopic(field.id)
      const description = describeField(field, { base, version, publicUrl, mayOpenValves })
      const previous = described.get(topic)
      await send(topic, JSON.stringify(withRemovals(description, previous ? { cmps: previous } : null)))
      described.set(topic, description.cmps)
      for (const [stateTopic, payload] of fieldMessages(field, { base, nowMs }))
        await send(stateTopic, payload)
    }
    const current = new Set(fields.map(({ id }) => descriptionTopic(id)))
    for (const topic of described.keys()) {
      if (current.has(topic)) continue
      // an empty retained description removes the device
      await bus.publish(topic, '', RETAINED)
      described.delete(topic)
      sent.delete(topic)
    }
    await send(availabilityTopic(base), 'online')
  }

  const publish: Publisher['publish'] = ({ all } = { all: false }) =>
    queue.enqueue(async () => {
      if (isStopped) return
      if (all) sent.clear()
      await publishFields()
    })

  /** Descriptions that an earlier start has left: a field that is gone since, or a sensor. */
  function noteDescription({ topic, payload, retained }: BusMessage): void {
    if (!retained || described.has(topic)) return
    const read = readDescription(payload)
    if (read.ok && read.value.availability.some((item) => item.topic === availabilityTopic(base)))
      described.set(topic, read.value.cmps)
  }

  async function onBirth({ payload }: BusMessage): Promise<void> {
    if (Buffer.from(payload).toString() !== 'online') return
    await wait(deps.random() * MAX_BIRTH_WAIT_MS, undefined, { ref: false })
    await publish({ all: true })
  }

  async function onCommand({ topic, payload, retained }: BusMessage): Promise<void> {
    const address = valveOfCommand(base, topic)
    if (address === null || isStopped) return
    const fields = await deps.readFields()
    const isNamed = (valve: FieldSummary['valves'][number]) =>
      valve.controllerId === address.controllerId && valve.valve === address.valve
    const field = fields.find(({ valves }) => valves.some(isNamed))
    const command = judgeCommand({
      valve: field?.valves.find(isNamed),
      field,
      payload: Buffer.from(payload).toString(),
      isRetained: retained,
      atMs: clock.now(),
      lastOpenMs: lastOpenMs.get(topic) ?? null,
    })
    if ('refused' in command)
      return log.warn({ topic, reason: command.refused }, 'a command of Home Assistant was refused')
    if (command.do === 'close') return deps.requests.stop(command.zoneId)
    lastOpenMs.set(topic, clock.now())
    await deps.requests.start(command.zoneId, command.minutes)
  }

  await bus.subscribe(EVERY_DESCRIPTION, noteDescription)
  await bus.subscribe(BIRTH_TOPIC, onBirth)
  if (mayOpenValves) await bus.subscribe(everyCommand(base), onCommand)

  return {
    publish,
    async stop() {
      isStopped = true
      await queue.settled()
      await bus.publish(availabilityTopic(base), 'offline', RETAINED).catch(() => {})
    },
  }
}

const readDescription = jsonParser(
  Type.Object({
    availability: Type.Array(Type.Object({ topic: Type.String() })),
    cmps: Type.Record(Type.String(), Type.Object({ p: Type.Enum(['sensor', 'binary_sensor', 'valve']) })),
  }),
)
