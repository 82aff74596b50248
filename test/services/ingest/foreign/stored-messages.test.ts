/** Keys of messages of other makes: found as soon as they are noted, written in several commits, gone with their device. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { storedMessages } from '../../../../services/ingest/foreign/stored-messages.ts'
import { openTestState } from '../../../support/state.ts'

let store: Awaited<ReturnType<typeof openTestState>>
beforeEach(async () => void (store = await openTestState()))
afterEach(() => store.close())

const DEVICES = 4
const PER_DEVICE = 100
/** Messages of several devices in turn, as they come. */
const rows = Array.from({ length: DEVICES * PER_DEVICE }, (_, i) => ({
  deviceId: `probe-${i % DEVICES}`,
  key: `message ${Math.floor(i / DEVICES)}`,
  org: 'coop',
  seq: i + 1,
  receivedMs: i,
}))
const written = () => store.state.selectFrom('storedMessage').selectAll().orderBy('seq').execute()

it('finds each key under its record before and after it is written, and no other', async () => {
  const keys = storedMessages(store.state)
  keys.note(rows)
  const seqs = new Map(rows.map(({ deviceId, key, seq }) => [`${deviceId} ${key}`, seq]))
  expect(await keys.seqsOf([...rows, { deviceId: 'probe-9', key: 'message 0' }])).toEqual(seqs)
  await keys.write()
  expect(await written()).toEqual(rows)
  expect(await storedMessages(store.state).seqsOf([...rows, { deviceId: 'probe-0', key: 'none' }])).toEqual(
    seqs,
  )
})

it('a key that is there stays as it is', async () => {
  const [first] = rows
  for (const seq of [1, 2]) {
    const keys = storedMessages(store.state)
    keys.note([{ ...first!, seq }])
    await keys.write()
  }
  expect(await written()).toEqual([first])
})

it('writes no key of a device that is erased between two commits', async () => {
  const keys = storedMessages(store.state)
  keys.note(rows)
  const writing = keys.write()
  keys.forget(`probe-${DEVICES - 1}`)
  await writing
  expect(new Set((await written()).map(({ deviceId }) => deviceId))).toEqual(
    new Set(['probe-0', 'probe-1', 'probe-2']),
  )
})
