/** What an engine may still send when another one may have taken over. */
import { expect, it } from 'vitest'
import { internalTopic, topicOf } from '../../../broker/contract/topics.ts'
import { busWhileAtWork, connectionsWhileAtWork } from '../../../services/app/leadership-wiring.ts'
import type { Bus } from '../../../services/ports.ts'
import type { IntegrationConnections } from '../../../services/ports/integrations.ts'

const atMostOnce = { qos: 1, retain: false } as const

function engine() {
  const sent: string[] = []
  let isCurrent = true
  const leadership = { epoch: 1, isCurrent: () => isCurrent, release: async () => {} }
  const bus = busWhileAtWork<Pick<Bus, 'publish'>>(
    { publish: async (topic) => void sent.push(topic) },
    leadership,
  )
  const connections = connectionsWhileAtWork<Pick<IntegrationConnections, 'publish'>>(
    { publish: async (id) => sent.push(id) > 0 },
    leadership,
  )
  return { sent, bus, connections, loseLease: () => void (isCurrent = false) }
}

it('sends no command without its lease, but a STOP, and events between services', async () => {
  const { sent, bus, loseLease } = engine()
  const command = topicOf('midori', 'ctl-one', 'command')
  await bus.publish(command, 'open', atMostOnce)
  loseLease()
  await expect(bus.publish(command, 'close', atMostOnce)).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' })
  await bus.publish(command, 'close', { ...atMostOnce, isStop: true })
  await bus.publish(internalTopic('midori', 'request'), '{}', atMostOnce)
  expect(sent).toEqual([command, command, internalTopic('midori', 'request')])
})

it('sends nothing but a STOP to valves of other makes without its lease', async () => {
  const { sent, connections, loseLease } = engine()
  const message = { topic: 'cmnd/POWER', payload: 'OFF', qos: 1 } as const
  expect(await connections.publish('first', message)).toBe(true)
  loseLease()
  expect(await connections.publish('second', message)).toBe(false)
  expect(await connections.publish('third', { ...message, isStop: true })).toBe(true)
  expect(sent).toEqual(['first', 'third'])
})
