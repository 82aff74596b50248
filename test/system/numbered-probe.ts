/** A probe that publishes numbered readings through the broker of BUS, and the values that Tilth stores of it. */
import mqtt, { type MqttClient } from 'mqtt'
import { hostsInTurn, hostUrls } from '../../broker/contract/host-urls.ts'
import { topicOf } from '../../broker/contract/topics.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'
import type { Tilth } from '../../services/app/start.ts'

const START_MS = Date.UTC(2026, 6, 6)

export interface NumberedProbe {
  client: MqttClient
  /** Publishes the readings of these numbers; resolves when the broker has acknowledged all. */
  publish(from: number, to: number): Promise<void>
  /** How many readings the broker has acknowledged. */
  acknowledged(): number
  /** The stored values of this probe, in the order of their instants. */
  stored(tilth: Tilth): Promise<number[]>
}

/** Connects it. After a lost connection it connects to the next host of `url`, and sends again what was not acknowledged. */
export async function connectProbe(
  url: string,
  { org, id, secret }: { org: string; id: string; secret: string },
): Promise<NumberedProbe> {
  const client = await mqtt.connectAsync(hostUrls(url)[0]!, {
    clientId: id,
    username: id,
    password: secret,
    reconnectPeriod: 200,
    connectTimeout: 5_000,
    reconnectOnConnackError: true,
  })
  const next = hostsInTurn(url)
  client.on('close', () => void Object.assign(client.options, next()))
  disableNagle(client)
  client.on('connect', () => disableNagle(client))
  client.on('error', () => {})
  let acknowledged = 0

  async function publishOne(n: number): Promise<void> {
    const time = new Date(START_MS + n * 1_000).toISOString()
    const measurements = [{ soil: { depth: 30, moisture: valueOf(n) } }]
    const message = JSON.stringify({ v: 1, n, boot: 1, monoMs: n * 1_000, time, measurements })
    await client.publishAsync(topicOf(org, id, 'telemetry'), message, { qos: 1 })
    acknowledged++
  }

  return {
    client,
    async publish(from, to) {
      await Promise.all(Array.from({ length: to - from + 1 }, (_, i) => publishOne(from + i)))
    },
    acknowledged: () => acknowledged,
    async stored(tilth) {
      const values: number[] = []
      for await (const { value, device } of tilth.series.stream({ org }))
        if (device === id) values.push(value as number)
      return values
    },
  }
}

/** The reading of a number: another for each. */
const valueOf = (n: number): number => n / 1_000

/** The readings of the numbers 1 to `last`. */
export const valuesTo = (last: number): number[] => Array.from({ length: last }, (_, i) => valueOf(i + 1))
