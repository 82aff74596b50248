/** What every bus must do, whatever carries it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Bus, BusMessage } from '../../services/ports.ts'

export interface BusFixture {
  bus: Bus
  /** another bus on the same broker */
  other: Bus
  /** Breaks the connection of `bus`; it has to come back by itself. */
  breakConnection(): void
  /** How many errors were logged. */
  errors(): number
  stop(): Promise<void>
}

const text = ({ payload }: BusMessage) => new TextDecoder().decode(payload)
const once = { qos: 1, retain: false } as const

/** `mayLackRetained`: the broker gives retained messages to no filter with a wildcard, so nothing may rest on them. */
export function busSuite(open: () => Promise<BusFixture>, { mayLackRetained = false } = {}): void {
  let fixture: BusFixture
  beforeEach(async () => void (fixture = await open()))
  afterEach(() => fixture.stop())

  it('delivers a message to every subscriber of its topic, in order', async () => {
    const { bus, other } = fixture
    const receivedMessages: string[] = []
    await bus.subscribe('tilth/v1/+/+/ack', (message) => void receivedMessages.push(`bus ${text(message)}`))
    await other.subscribe(
      'tilth/v1/coop/valve1/ack',
      (message) => void receivedMessages.push(`other ${text(message)}`),
    )
    for (const n of [1, 2, 3]) await other.publish('tilth/v1/coop/valve1/ack', `${n}`, once)
    await other.publish('tilth/v1/coop/valve2/ack', 'for bus alone', once)
    await other.publish('tilth/v1/coop/valve1/state', 'for nobody', once)
    await until(() => receivedMessages.length === 7)
    expect(receivedMessages.filter((entry) => entry.startsWith('bus'))).toEqual([
      'bus 1',
      'bus 2',
      'bus 3',
      'bus for bus alone',
    ])
    expect(receivedMessages.filter((entry) => entry.startsWith('other'))).toEqual([
      'other 1',
      'other 2',
      'other 3',
    ])
  })

  if (!mayLackRetained)
    it('distinguishes a retained message from a live one', async () => {
      const { bus, other } = fixture
      const receivedMessages: [string, boolean][] = []
      let isThrough = false
      await other.subscribe('tilth/v1/coop/probe1/config', () => void (isThrough = true))
      await other.publish('tilth/v1/coop/probe1/config', 'kept', { qos: 1, retain: true })
      await until(() => isThrough) // otherwise the message could arrive both as retained and as live
      await bus.subscribe(
        'tilth/v1/+/+/config',
        (message) => void receivedMessages.push([text(message), message.retained]),
      )
      await until(() => receivedMessages.length === 1)
      await other.publish('tilth/v1/coop/probe1/config', 'live', { qos: 1, retain: true })
      await until(() => receivedMessages.length === 2)
      expect(receivedMessages).toEqual([
        ['kept', true],
        ['live', false],
      ])
    })

  it('two handlers of one filter both receive messages', async () => {
    const { bus } = fixture
    const receivedMessages: string[] = []
    await bus.subscribe('tilth/internal/+/event', () => void receivedMessages.push('first'))
    await bus.subscribe('tilth/internal/+/event', () => void receivedMessages.push('second'))
    await bus.publish('tilth/internal/coop/event', '{}', { qos: 0, retain: false })
    await until(() => receivedMessages.length === 2)
    expect(receivedMessages).toEqual(['first', 'second'])
  })

  it('a handler that throws is logged and does not affect others', async () => {
    const { bus, errors } = fixture
    const receivedMessages: string[] = []
    await bus.subscribe('tilth/internal/+/request', () => {
      throw new Error('at once')
    })
    await bus.subscribe('tilth/internal/+/request', () => Promise.reject(new Error('later')))
    await bus.subscribe('tilth/internal/+/request', (message) => void receivedMessages.push(text(message)))
    await bus.publish('tilth/internal/coop/request', 'a', once)
    await bus.publish('tilth/internal/coop/request', 'b', once)
    await until(() => receivedMessages.length === 2)
    await bus.settled()
    expect(receivedMessages).toEqual(['a', 'b'])
    expect(errors()).toBe(4)
  })

  it('is settled when the handlers of all received messages are done', async () => {
    const { bus } = fixture
    let began = 0
    let ended = 0
    await bus.subscribe('tilth/internal/+/event', async () => {
      began++
      await new Promise((resolve) => setTimeout(resolve, 20))
      ended++
    })
    for (const n of [1, 2, 3]) await bus.publish('tilth/internal/coop/event', `${n}`, once)
    await until(() => began === 3)
    await bus.settled()
    expect(ended).toBe(3)
  })

  it('resubscribes after a lost connection, and refuses to publish while disconnected', async () => {
    const { bus, other, breakConnection } = fixture
    const receivedMessages: string[] = []
    await bus.subscribe('tilth/v1/+/+/ack', (message) => void receivedMessages.push(text(message)))
    breakConnection()
    await until(() => !bus.isConnected())
    await expect(bus.publish('tilth/internal/coop/event', '{}', once)).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    })
    await until(() => bus.isConnected())
    // the subscription follows the connection
    for (let n = 0; receivedMessages.length === 0 && n < 200; n++) {
      await other.publish('tilth/v1/coop/valve1/ack', 'again', once)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(receivedMessages[0]).toBe('again')
  })
}

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`did not come about: ${String(isSo)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
