/**
 * F14: one message in a thousand can never be stored. All good ones are stored, each bad one is stored as a dead letter
 * with its reason, and no device is disconnected: it would resend the same message forever.
 */
import type { Static } from 'typebox'
import { DAY_MS, systemClock } from '../../../broker/contract/time.ts'
import { random } from '../../../firmware-sim/random.ts'
import type { DeadLetterView } from '../../../services/api/devices/dead-letter-schemas.ts'
import { compare, type SentMessages } from '../../support/compare.ts'
import { runLoad } from '../../support/generator.ts'
import { messages, type Messages } from '../../support/messages.ts'
import { provision } from '../../support/place.ts'
import { atMost, count, infoFigure } from '../../support/report.ts'
import { openSeriesOf, storedReadings } from '../../support/tilth-load.ts'
import type { FaultLine } from '../support/fault-line.ts'
import { behind } from '../support/metrics.ts'
import { signUp } from '../support/person.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil } from '../support/until.ts'

const PUBLISHERS = 100
const RATE_PER_S = 1_000
const FOR_MS = { short: 20_000, long: 600_000 }
const ONE_IN = 1_000
// few enough per device that none is dropped for a newer one
const LETTERS_PER_PAGE = 500

type DeadLetter = Static<typeof DeadLetterView>

export const f14: FaultLine = {
  name: 'F14',
  fault: 'one message in a thousand that can never be stored',
  async run(torture) {
    const forMs = torture.isLong ? FOR_MS.long : FOR_MS.short
    torture.log(
      `F14: ${count(RATE_PER_S)} messages a second, one in ${count(ONE_IN)} bad, for ${forMs / 1000} s`,
    )
    const dataDir = await torture.folder('f14')
    const publishers = await provision(dataDir, {
      fields: 10,
      devices: PUBLISHERS,
      everyS: 60,
      plantedDaysAgo: 1,
    })
    const tilth = await startTilth(torture, dataDir)
    const person = await signUp(tilth.port, tilth.server().setupToken)
    const stream = messages(PUBLISHERS)
    const spoils = createSpoiler(torture.seed, stream)
    const load = await runLoad({
      port: tilth.mqttPort,
      publishers,
      ratePerS: RATE_PER_S,
      window: 0,
      forMs,
      payload: spoils.payload,
      acked: spoils.acked,
    })
    await timeUntil(60_000, async () => (await behind(tilth.port)) === 0)
    const deadLetters = await fetchDeadLetters((path) => person.get<DeadLetter[]>(path))
    await tilth.server().end('SIGTERM')

    const series = await openSeriesOf(dataDir)
    const stored = await storedReadings(
      series,
      publishers.map(({ id }) => id),
    ).finally(() => series.close())
    const validResult = compare(
      spoils.good(
        publishers.map(({ id }) => id),
        load.lastN,
      ),
      stored,
    )
    const invalid = spoils.bad()
    const storedPayloads = new Set(
      deadLetters.filter(({ reason }) => reason !== '').map(({ payload }) => payload),
    )
    const missing = invalid.filter(({ payload }) => !storedPayloads.has(payload))
    for (const { kind } of missing) torture.log(`F14: missing from the dead letters: ${kind}`)
    return [
      atMost('F14', `good messages lost, of ${count(validResult.acked)}`, validResult.lost, 0, count),
      atMost('F14', 'stored but never sent', validResult.doubled, 0, count),
      atMost('F14', `bad messages without a dead letter, of ${invalid.length}`, missing.length, 0, count),
      atMost(
        'F14',
        'dead letters of good messages',
        deadLetters.length - (invalid.length - missing.length),
        0,
        count,
      ),
      atMost('F14', 'messages without an acknowledgement', load.sent - load.acked, 0, count),
      atMost('F14', `devices disconnected, of ${PUBLISHERS}`, load.broken, 0, count),
      infoFigure('F14', 'kinds of bad messages', `${new Set(invalid.map(({ kind }) => kind)).size}`),
    ]
  },
}

async function fetchDeadLetters(fetchPage: (path: string) => Promise<DeadLetter[]>): Promise<DeadLetter[]> {
  const deadLetters: DeadLetter[] = []
  for (;;) {
    const page = await fetchPage(
      `/api/dead-letters?limit=${LETTERS_PER_PAGE}&afterId=${deadLetters.at(-1)?.id ?? 0}`,
    )
    deadLetters.push(...page)
    if (page.length < LETTERS_PER_PAGE) return deadLetters
  }
}

const stamp = (atMs: number) => new Date(atMs).toISOString()
const envelope = (n: number, fields: object) => JSON.stringify({ v: 1, n, boot: 1, monoMs: 1, ...fields })
const soil = (fields: object) => ({ measurements: [{ soil: { depth: 30, moisture: 20, ...fields } }] })

/** Permanently invalid messages, each in its own way. */
const invalidMessages: Record<string, (n: number, atMs: number) => string> = {
  'no JSON': (n) => `moisture ${n}`,
  'JSON cut off': (n, atMs) => envelope(n, { time: stamp(atMs), ...soil({}) }).slice(0, -9),
  'a list': (n) => `[${n}]`,
  NaN: (n) => `{"v":1,"n":${n},"boot":1,"monoMs":1,"measurements":[{"soil":{"moisture":NaN}}]}`,
  'another version': (n) => envelope(n, { v: 2, ...soil({}) }),
  'no number': (n, atMs) => JSON.stringify({ v: 1, boot: 1, monoMs: n, time: stamp(atMs), ...soil({}) }),
  'a number below zero': (n) => envelope(-n, soil({})),
  'no measurements': (n) => envelope(n, { measurements: [] }),
  'an unknown quantity': (n) => envelope(n, { measurements: [{ soil: { depth: 30, colour: 3 } }] }),
  'a text for a value': (n) => envelope(n, soil({ moisture: '21.4' })),
  'an absurd value': (n) => envelope(n, soil({ moisture: 1e9 })),
  'a depth below the ground water': (n) => envelope(n, soil({ depth: 1e6 })),
  'a time in two days': (n, atMs) => envelope(n, { time: stamp(atMs + 2 * DAY_MS), ...soil({}) }),
  'a time long ago': (n, atMs) => envelope(n, { time: stamp(atMs - 500 * DAY_MS), ...soil({}) }),
}

/** Replaces some of the messages with invalid ones, and records both kinds. */
function createSpoiler(seed: string, stream: Messages) {
  const chance = random(`${seed}/f14`)
  const kinds = Object.keys(invalidMessages)
  const invalid: { kind: string; payload: string }[] = []
  const isBad = new Set<string>()
  const acked = new Set<string>()
  let sentCount = 0
  // one at random in each thousand
  let nextBad = Math.floor(chance.next() * ONE_IN)
  return {
    payload(publisher: number, n: number): string {
      const validPayload = stream.payload(publisher, n)
      if (sentCount++ !== nextBad) return validPayload
      nextBad =
        (Math.floor(sentCount / ONE_IN) + (sentCount % ONE_IN === 0 ? 0 : 1)) * ONE_IN +
        Math.floor(chance.next() * ONE_IN)
      const kind = kinds[invalid.length % kinds.length]!
      const payload = invalidMessages[kind]!(n, systemClock.now())
      invalid.push({ kind, payload })
      isBad.add(`${publisher} ${n}`)
      return payload
    },
    acked: (publisher: number, n: number) => void acked.add(`${publisher} ${n}`),
    bad: () => invalid,
    good: (devices: readonly string[], lastN: readonly number[]): SentMessages =>
      new Map(
        devices.map((device, publisher) => [
          device,
          Array.from({ length: lastN[publisher]! }, (_, i) => i + 1)
            .filter((n) => !isBad.has(`${publisher} ${n}`))
            .map((n) => ({
              atMs: stream.atMsOf(publisher, n)!,
              value: stream.valueOf(n),
              isAcked: acked.has(`${publisher} ${n}`),
            })),
        ]),
      ),
  }
}
