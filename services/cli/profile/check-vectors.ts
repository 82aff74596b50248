/**
 * The check of a folder of vectors: each message is decoded, and goes the way of a message on a farm, from the intake of
 * the broker to the stores. Each is sent once, then again, then all of them in any order.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ForeignMessage } from '../../integrations/foreign-message.ts'
import { readEnvelope } from '../../integrations/envelopes/read-envelope.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import { createRandom } from '../../plan/forecast/members.ts'
import { differences } from './compare.ts'
import { storedDifferences } from './compare-stored.ts'
import { decodeFile } from './decode-file.ts'
import { integrationOf, messageOf, readMessageFile, type Expected, type MessageFile } from './message-file.ts'
import { openTrialFarm, type StoredDevice, type TrialDevice } from './trial-farm.ts'

/** What became of one vector. */
export interface VectorResult {
  line: string
  /** what was compared in the stores, as `5 readings`, `battery` */
  stored: string[]
  /** what has no store and was compared after decoding */
  decoded: string[]
  differences: string[]
}

export interface VectorsResult {
  vectors: VectorResult[]
  /** vectors whose stores changed when the message was sent again */
  changedByRepeat: string[]
  /** each order of all messages, by its seed, and the vectors whose stores it changed */
  orders: { seed: number; changed: string[] }[]
}

const SEEDS = [1, 2, 3, 4, 5]
/** A message before that of the vector: the row of a device is written once a minute. */
const EARLIER_MS = 61_000

interface Vector {
  file: MessageFile & { expect: Expected }
  device: TrialDevice
  /** the list of its gateway and the messages before it */
  before: ForeignMessage[]
  message: ForeignMessage
  atMs: number
  decodedDifferences: string[]
}

/** Reads and sends every vector of the folder; one that cannot be read has its reason as a difference. */
export async function checkVectors(
  folder: string,
  profiles: ReadonlyMap<string, Profile>,
): Promise<VectorsResult> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
  const unread: VectorResult[] = []
  const vectors: Vector[] = []
  for (const name of names) {
    const line = name.slice(0, -'.json'.length)
    const vector = readVector(join(folder, name), line, profiles)
    if (typeof vector === 'string') unread.push({ line, stored: [], decoded: [], differences: [vector] })
    else vectors.push(vector)
  }
  const nowMs = Math.max(0, ...vectors.map(({ message }) => message.receivedMs)) + 1
  const inOrder = await sendInOrder(vectors, profiles, nowMs)
  const orders: VectorsResult['orders'] = []
  for (const seed of SEEDS) {
    const texts = await sendShuffled(vectors, profiles, nowMs, seed)
    const changed = vectors.flatMap(({ device: { id } }) =>
      texts.get(id) === inOrder.texts.get(id) ? [] : [id],
    )
    orders.push({ seed, changed })
  }
  const results = [...unread, ...inOrder.results].sort((a, b) => (a.line < b.line ? -1 : 1))
  return { vectors: results, changedByRepeat: inOrder.changedByRepeat, orders }
}

/** The vector of a file, or why it is none. */
function readVector(path: string, line: string, profiles: ReadonlyMap<string, Profile>): Vector | string {
  const read = readMessageFile(path)
  if (!read.ok) return read.error
  const { expect } = read.value
  if (expect === undefined) return 'expect: expected what must come of the message, got nothing'
  const file = { ...read.value, expect }
  const { profile: name = null } = file
  // events of the network server itself name it in place of a profile, and so need none
  const profile = name === null ? null : (profiles.get(name) ?? profiles.get('tts-normalized'))
  if (profile === undefined) return `there is no profile ${name}`
  const { decoded, suggested } = decodeFile(file, profile, profiles.values(), 0)
  const message = messageOf(file, 0)
  const kind = integrationOf(file)
  const envelope = readEnvelope(kind, message)
  const address = envelope.ok ? (envelope.value?.address ?? null) : null
  return {
    file,
    device: {
      id: line,
      kind,
      assigned:
        profile === null || address === null ? null : { address, profile, answers: file.assignment ?? {} },
      totals: file.state ?? {},
    },
    before: messagesBefore(file, message),
    message,
    atMs: decoded.kind === 'read' ? decoded.envelope.atMs : message.receivedMs,
    decodedDifferences: differences(decoded, expect, suggested[0]?.name ?? null, file.state ?? {}),
  }
}

function messagesBefore(
  { definition, previous = [] }: MessageFile,
  message: ForeignMessage,
): ForeignMessage[] {
  const earlier = previous.map((payload, i) => ({
    ...message,
    payload: Buffer.from(payload),
    receivedMs: message.receivedMs - (previous.length - i) * EARLIER_MS,
  }))
  if (definition === undefined) return earlier
  const [base, name] = message.topic.split('/')
  const exposes = Object.entries(definition).map(([property, unit]) => ({ property, unit }))
  const list = [{ friendly_name: name, definition: { model: 'of the vector', exposes } }]
  const payload = Buffer.from(JSON.stringify(list))
  return [{ ...message, topic: `${base}/bridge/devices`, payload, isRetained: true }, ...earlier]
}

async function sendInOrder(
  vectors: readonly Vector[],
  profiles: ReadonlyMap<string, Profile>,
  nowMs: number,
): Promise<{ results: VectorResult[]; changedByRepeat: string[]; texts: Map<string, string> }> {
  const farm = await openTrialFarm(
    vectors.map(({ device }) => device),
    profiles,
    nowMs,
  )
  try {
    for (const { device, before } of vectors)
      for (const message of before) await farm.receive(device, message)
    await farm.settled()
    const first = await farm.stored()
    for (const { device, message } of vectors) await farm.receive(device, message)
    await farm.settled()
    const once = await farm.stored()
    for (const { device, message } of vectors) await farm.receive(device, message)
    await farm.settled()
    const twice = textsOf(await farm.stored())
    const texts = textsOf(once)
    return {
      results: vectors.map((vector) =>
        resultOf(vector, once.get(vector.device.id)!, first.get(vector.device.id)!),
      ),
      changedByRepeat: [...texts.keys()].filter((id) => texts.get(id) !== twice.get(id)),
      texts,
    }
  } finally {
    await farm.close()
  }
}

function resultOf(vector: Vector, after: StoredDevice, before: StoredDevice): VectorResult {
  const { file, message, atMs, decodedDifferences, device } = vector
  const { expect } = file
  const sent = { receivedMs: message.receivedMs, atMs }
  const isHeard = expect.heard !== undefined
  const isLetter = expect.deadLetter !== undefined
  const stored = isLetter
    ? ['dead letter']
    : isHeard
      ? ['kept, not assigned']
      : [
          `${expect.measurements.length} readings`,
          ...(expect.battery === undefined ? [] : ['battery']),
          ...(expect.everyS === undefined ? [] : ['interval']),
          ...(expect.ignored === undefined ? [] : ['fields without use']),
          ...(expect.alarms === undefined ? [] : ['alarms']),
          'last seen',
          'key',
        ]
  return {
    line: device.id,
    stored,
    decoded: DECODED_ONLY.filter((name) => expect[name] !== undefined),
    differences: [...decodedDifferences, ...storedDifferences(after, before, expect, sent)],
  }
}

/** What a vector expects and no store holds. */
const DECODED_ONLY = [
  'valves',
  'runs',
  'batteries',
  'online',
  'clockOffsetMs',
  'session',
] as const satisfies (keyof Expected)[]

/** Every message twice, in the order of a seed; the messages before one of them stay before it. */
async function sendShuffled(
  vectors: readonly Vector[],
  profiles: ReadonlyMap<string, Profile>,
  nowMs: number,
  seed: number,
): Promise<Map<string, string>> {
  const farm = await openTrialFarm(
    vectors.map(({ device }) => device),
    profiles,
    nowMs,
  )
  try {
    const queues = vectors.map(({ before, message }) => [...before, message, message])
    const turns = shuffled(
      queues.flatMap((queue, i) => queue.map(() => i)),
      seed,
    )
    for (const i of turns) await farm.receive(vectors[i]!.device, queues[i]!.shift()!)
    await farm.settled()
    return textsOf(await farm.stored())
  } finally {
    await farm.close()
  }
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = createRandom(seed)
  const left = [...items]
  for (let i = left.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[left[i], left[j]] = [left[j]!, left[i]!]
  }
  return left
}

/** What is stored, as text that does not depend on the order in which it came. */
function textsOf(stored: ReadonlyMap<string, StoredDevice>): Map<string, string> {
  const textOf = ({ readings, row, letters, unassigned, keys }: StoredDevice): string =>
    JSON.stringify([
      readings.map((reading) => JSON.stringify(reading)).sort(),
      row,
      // a letter or a kept message that comes again is the same one
      [...new Set(letters)].sort(),
      [...new Set(unassigned)].sort(),
      [...keys].sort(),
    ])
  return new Map([...stored].map(([id, device]) => [id, textOf(device)]))
}
