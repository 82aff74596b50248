/**
 * Reads the messages of another broker, and acknowledges each to it after its commit. A message that is not on Tilth's
 * disk stays there and is delivered again: after a crash of Tilth, a lost connection, a full disk.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { IPublishPacket, MqttClient } from 'mqtt'
import type { BrokerJournal } from '../journal/journal.ts'

export interface AcknowledgedReading {
  /** Of a message that was stored in another way. */
  acknowledge(stream: MqttClient['stream'], messageId: number): void
  /** Reads no more; resolves when the messages that are being stored are acknowledged, within 5 s. */
  stop(): Promise<void>
}

// what is not stored by then stays at the other broker
const STOP_WITHIN_MS = 5_000

/**
 * `store` resolves when the message is on disk; if it rejects, the connection is closed, so that the message comes
 * again. `waitMs`: how long reading waits after a message of this many bytes.
 */
export function readAcknowledged(
  client: MqttClient,
  options: {
    journal: Pick<BrokerJournal, 'isFull' | 'onDrain'>
    store(packet: IPublishPacket): Promise<void>
    onNotStored(error: unknown): void
    waitMs?(bytes: number): number
  },
): AcknowledgedReading {
  const { journal, store, onNotStored, waitMs = () => 0 } = options
  const acknowledge = pubackWriter()
  const running = new Set<Promise<void>>()
  let resume: (() => void) | null = null
  let isStopping = false

  // mqtt.js reads one message at a time, and acknowledges when its callback is called without an error. One commit for
  // each message would be slow: reading continues at once, and the acknowledgement is written here, after the commit.
  client.handleMessage = (packet, next) => {
    if (isStopping) return
    const work = handle(packet).finally(() => running.delete(work))
    running.add(work)
    const read = () => next(new Error('acknowledged after its commit'))
    const delayMs = waitMs(packet.payload.length)
    if (delayMs > 0) setTimeout(() => readWhenNotFull(read), delayMs).unref()
    else readWhenNotFull(read)
  }

  function readWhenNotFull(read: () => void): void {
    if (journal.isFull()) resume = read
    else read()
  }

  const stopListening = journal.onDrain(() => {
    const read = resume
    resume = null
    read?.()
  })

  async function handle(packet: IPublishPacket): Promise<void> {
    // an acknowledgement belongs to the connection that delivered the message
    const { stream } = client
    try {
      await store(packet)
      if (packet.qos > 0) acknowledge(stream, packet.messageId!)
    } catch (error) {
      onNotStored(error)
      stream.destroy()
    }
  }

  async function untilNoneRuns(): Promise<void> {
    while (running.size > 0) await Promise.allSettled(running)
  }

  return {
    acknowledge,
    async stop() {
      isStopping = true
      stopListening()
      await Promise.race([untilNoneRuns(), pause(STOP_WITHIN_MS, undefined, { ref: false })])
      // the acknowledgements are written in the turn after the commit
      await new Promise(setImmediate)
    },
  }
}

/** PUBACKs (MQTT 3.1.1, 3.4; MQTT 5 without a reason code): those of one commit are sent in one write. */
function pubackWriter(): (stream: MqttClient['stream'], messageId: number) => void {
  let ids: number[] = []
  let to: MqttClient['stream'] | null = null

  function send(): void {
    if (to !== null && !to.destroyed)
      to.write(Buffer.from(ids.flatMap((id) => [0x40, 2, id >> 8, id & 0xff])))
    ids = []
    to = null
  }

  return (stream, messageId) => {
    if (to !== null && to !== stream) send()
    if (ids.length === 0) setImmediate(send)
    to = stream
    ids.push(messageId)
  }
}
