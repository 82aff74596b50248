import { expect, it } from 'vitest'
import { parseChange, publishChange, subscribeToChanges } from '../../../services/runtime/change-events.ts'
import type { Bus, BusMessage, ChangeEvent } from '../../../services/ports.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const change: ChangeEvent = { event: 'plan', atMs: 5, fields: ['f1'], id: 'plan:1' }

it('a published change arrives as it was, with its organisation, at QoS 1', async () => {
  const sent: { topic: string; payload: string | Uint8Array; qos: number; retain: boolean }[] = []
  const received: [string, ChangeEvent][] = []
  const handlers: ((message: BusMessage) => void | Promise<void>)[] = []
  const bus: Pick<Bus, 'publish' | 'subscribe'> = {
    async publish(topic, payload, options) {
      sent.push({ topic, payload, ...options })
      for (const handle of handlers) await handle({ topic, payload: bytes(String(payload)), retained: false })
    },
    subscribe: (_filter, handle) => Promise.resolve(void handlers.push(handle)),
  }
  await subscribeToChanges(bus, (org, event) => void received.push([org, event]))
  await publishChange(bus, 'acme', change)
  expect(received).toEqual([['acme', change]])
  expect(sent).toMatchObject([{ topic: 'tilth/internal/acme/event', qos: 1, retain: false }])
})

it.each(['', 'not JSON', 'null', '[]', '{"event":"plan"}', '{"event":"other","atMs":1}', '{"atMs":1}'])(
  '%s is no change event',
  (text) => {
    expect(parseChange(bytes(text))).toBeNull()
  },
)
