/**
 * The memory of ingest for a device between messages. It is stored in the journal with the cursor, so that after a
 * crash the same messages give the same readings.
 */
import Type from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import { ok, type Result } from '../../broker/contract/result.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Fields } from '../integrations/foreign-message.ts'
import { newCounter, type CounterMemory } from './counter.ts'
import type { Boot } from './resolve-timestamp.ts'
import type { LastGood } from './quality.ts'
import type { RepeatRun } from './duplicate-detection.ts'
import { emptySequence, type ReceivedSequence } from './received-sequence.ts'

export interface SeriesMemory {
  newestMs: AtMs
  /** the original instant of the newest; earlier than newestMs when it was shifted to stay unique */
  newestGivenMs: AtMs
  lastGood: LastGood | null
  counter: CounterMemory | null
}

export interface DeviceMemory {
  received: ReceivedSequence
  newestMs: AtMs | null
  boots: Boot[]
  /** arrival of the newest message that was no duplicate; null: unknown */
  lastNewMs: AtMs | null
  /** possible duplicates */
  repeats: RepeatRun | null
  /** when its current hardware was claimed, according to its row; null: unknown */
  claimedMs: AtMs | null
  /** the newest message of a gateway that repeats old values, and when all its values were last taken; null: none */
  previous: { fields: Fields; takenMs: AtMs } | null
  /** by quantity and depth */
  series: Map<string, SeriesMemory>
}

/** A device that invents series names must not fill the memory. */
export const MAX_SERIES = 500

/** For a device without a stored memory: all of its messages count as new. */
export const newMemory = (): DeviceMemory => ({
  received: emptySequence(),
  newestMs: null,
  boots: [],
  lastNewMs: null,
  repeats: null,
  claimedMs: null,
  previous: null,
  series: new Map(),
})

/** `isCounter`: the quantity is a count that becomes a total, such as rain. */
export const newSeriesMemory = (isCounter: boolean): SeriesMemory => ({
  newestMs: -Infinity,
  newestGivenMs: -Infinity,
  lastGood: null,
  counter: isCounter ? newCounter() : null,
})

export const memoryToText = ({
  received,
  newestMs,
  boots,
  lastNewMs,
  repeats,
  claimedMs,
  previous,
  series,
}: DeviceMemory): string =>
  JSON.stringify({
    v: 1,
    seen: [received.intervals, received.forgottenMissing],
    newestMs,
    boots: boots.map(({ boot, zeroMs, isExact }) => [boot, zeroMs, isExact ? 1 : 0]),
    lastNewMs,
    repeats,
    claimedMs,
    ...(previous === null ? {} : { previous }),
    series: [...series].map(([key, { newestMs: newest, newestGivenMs, lastGood, counter }]) => [
      key,
      newest,
      newestGivenMs,
      lastGood && [lastGood.atMs, lastGood.value],
      counter && [counter.points.map(({ n, boot, raw, total }) => [n, boot, raw, total]), counter.owed],
    ]),
  })

/** Parses the output of memoryToText. */
export function memoryFromText(text: string): Result<DeviceMemory> {
  const read = parseMemory(text)
  if (!read.ok) return read
  const stored = read.value
  return ok({
    received: { intervals: stored.seen[0], forgottenMissing: stored.seen[1] },
    newestMs: stored.newestMs,
    boots: stored.boots.map(([boot, zeroMs, isExact]) => ({ boot, zeroMs, isExact: isExact === 1 })),
    lastNewMs: stored.lastNewMs ?? null,
    repeats: stored.repeats ?? null,
    claimedMs: stored.claimedMs ?? null,
    previous: stored.previous ?? null,
    series: new Map(
      stored.series.map(([key, newestMs, newestGivenMs, lastGood, counter]) => [
        key,
        {
          newestMs,
          newestGivenMs,
          lastGood: lastGood && { atMs: lastGood[0], value: lastGood[1] },
          counter: counter && {
            points: counter[0].map(([n, boot, raw, total]) => ({ n, boot, raw, total })),
            owed: counter[1],
          },
        },
      ]),
    ),
  })
}

interface StoredMemory {
  seen: [ReceivedSequence['intervals'], number]
  newestMs: number | null
  boots: [number, number, 0 | 1][]
  // a journal from before these fields lacks them
  lastNewMs?: number | null
  repeats?: RepeatRun | null
  claimedMs?: number | null
  previous?: { fields: Fields; takenMs: AtMs }
  series: [
    key: string,
    newestMs: number,
    newestGivenMs: number,
    lastGood: [number, number] | null,
    counter: [points: [number, number, number, number][], owed: number] | null,
  ][]
}

// A start reads one for every device, some with hundreds of series, and only memoryToText writes them: the top level
// is checked, and the length of each series.
const parseMemory = jsonParser(
  Type.Unsafe<StoredMemory>(
    Type.Object({
      seen: Type.Tuple([Type.Array(Type.Unknown()), Type.Number()]),
      newestMs: Type.Union([Type.Number(), Type.Null()]),
      boots: Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Number()])),
      series: Type.Array(Type.Tuple([Type.String(), ...Array.from({ length: 4 }, () => Type.Unknown())])),
    }),
  ),
  'memory',
)
