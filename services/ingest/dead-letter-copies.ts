/**
 * Where another machine may take over, the state store has a copy of each rejected message of the journal, because the
 * journal is lost with its machine. The engine that takes over moves the copies of the former one into its own journal, where a
 * person reads, replays and discards them.
 */
import { SECOND_MS } from '../../broker/contract/time.ts'
import type { DeadLetter } from '../../broker/contract/journal.ts'
import type { Logger, Running, State } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import type { DeadLetterRow } from '../tables.ts'

export interface DeadLetterCopies extends Running {
  /** Resolves when every rejected message that the journal holds now is copied. */
  copied(): Promise<void>
}

type JournalOfLetters = Pick<
  Journal,
  'deadLetter' | 'deadLetters' | 'countDeadLetters' | 'discard' | 'notes' | 'putNote'
>

const READER = 'dead-letter-copies'
const COPIED = 'copied'
const ROWS = 100
const COMPARE_EVERY_MS = 30 * SECOND_MS

/** Call it as the engine at work. The messages of former engines come into the journal soon after, and no valve waits for them. */
export function keepDeadLetterCopies(deps: {
  state: State
  journal: JournalOfLetters
  /** of this journal */
  node: string
  log: Logger
}): DeadLetterCopies {
  const { state, journal, node, log } = deps
  const queue = serialQueue()
  let copiedId = Number(journal.notes(READER).get(COPIED) ?? 0)
  let waiting: Promise<void> | null = null
  let hasTakenOver = false

  const ownIds = async (): Promise<Set<number>> => {
    const rows = await state.selectFrom('deadLetter').select('id').where('node', '=', node).execute()
    return new Set(rows.map(({ id }) => id))
  }
  function* letters(): Generator<DeadLetter> {
    for (let afterId = 0; ;) {
      const page = journal.deadLetters({ afterId, limit: 10 * ROWS, payloadBytes: 0 })
      yield* page
      if (page.length === 0) return
      afterId = page.at(-1)!.id
    }
  }

  /** Another engine was at work meanwhile: what it has taken over is not here any more. */
  async function dropTaken(): Promise<void> {
    const kept = await ownIds()
    for (const { id, org } of [...letters()])
      if (id <= copiedId && !kept.has(id)) await journal.discard(id, org)
  }

  async function takeOver(): Promise<void> {
    for (let taken = 0; ;) {
      const rows = await state
        .selectFrom('deadLetter')
        .selectAll()
        .where('node', '!=', node)
        .orderBy('receivedMs')
        .limit(ROWS)
        .execute()
      if (rows.length === 0) {
        if (taken > 0) log.info({ taken }, 'rejected messages of the former engine are taken over')
        return
      }
      await Promise.all(rows.map((row) => journal.deadLetter(toLetter(row))))
      // the copies of this node first: a crash in between leaves both, and the journal takes a message once
      await copyNew()
      for (const { node: from, id } of rows)
        await state.deleteFrom('deadLetter').where('node', '=', from).where('id', '=', id).execute()
      taken += rows.length
    }
  }

  async function copyNew(): Promise<void> {
    for (;;) {
      const page = journal.deadLetters({ afterId: copiedId, limit: ROWS })
      if (page.length === 0) return
      await state
        .insertInto('deadLetter')
        .values(page.map((letter) => toRow(node, letter)))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      copiedId = page.at(-1)!.id
      await journal.putNote(READER, COPIED, String(copiedId))
    }
  }

  /** Also deletes the copies of messages that were replayed, discarded or displaced. */
  async function compare(): Promise<void> {
    if (!hasTakenOver) {
      await dropTaken()
      await takeOver()
      hasTakenOver = true
    }
    await copyNew()
    const ids = await ownIds()
    if (ids.size === journal.countDeadLetters()) return
    for (const { id } of letters()) ids.delete(id)
    const gone = [...ids]
    for (let i = 0; i < gone.length; i += ROWS)
      await state
        .deleteFrom('deadLetter')
        .where('node', '=', node)
        .where('id', 'in', gone.slice(i, i + ROWS))
        .execute()
  }

  const tryToCompare = (): Promise<void> =>
    queue
      .enqueue(compare)
      .catch((error: unknown) => log.warn({ error }, 'rejected messages could not be compared'))
  void tryToCompare()
  const timer = setInterval(() => void tryToCompare(), COMPARE_EVERY_MS)
  timer.unref()

  return {
    // those who wait share one look, which begins after the last of them has come; an idle queue would begin within the call
    copied: () =>
      (waiting ??= Promise.resolve().then(() =>
        queue.enqueue(() => {
          waiting = null
          return copyNew()
        }),
      )),
    async stop() {
      clearInterval(timer)
      await tryToCompare()
    },
  }
}

const toRow = (node: string, letter: DeadLetter): DeadLetterRow => {
  const { id, org, device, receivedMs, topic, reason, payload, bytes, foreign } = letter
  return {
    node,
    id,
    org,
    deviceId: device,
    receivedMs,
    topic,
    reason,
    payload: Buffer.from(payload).toString('base64'),
    bytes,
    isForeign: foreign === null ? 0 : 1,
    isRetained: foreign?.isRetained === true ? 1 : 0,
  }
}

const toLetter = (row: DeadLetterRow): Parameters<Journal['deadLetter']>[0] => {
  const { org, deviceId: device, receivedMs, topic, reason, payload, bytes, isForeign, isRetained } = row
  return {
    org,
    device,
    receivedMs,
    topic,
    reason,
    payload: Buffer.from(payload, 'base64'),
    bytes,
    foreign: isForeign === 1 ? { integration: device, topic, isRetained: isRetained === 1 } : null,
  }
}
