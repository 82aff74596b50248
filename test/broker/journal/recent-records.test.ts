import { describe, expect, it } from 'vitest'
import { recentRecords } from '../../../broker/journal/recent-records.ts'

const record = (seq: number, bytes = 10) => ({
  seq,
  receivedMs: 1_000 + seq,
  org: 'coop',
  device: 'probe1',
  payload: Buffer.alloc(bytes),
  replayedMs: null,
  foreign: null,
})
const seqs = (records: { seq: number }[] | null) => records?.map(({ seq }) => seq) ?? null

describe('recent records', () => {
  it('give the next ones in order, at most the limit, and leave the rest for the next read', () => {
    const recent = recentRecords()
    for (let seq = 5; seq <= 9; seq++) recent.add(record(seq))
    expect(seqs(recent.read(4, 3))).toEqual([5, 6, 7])
    expect(seqs(recent.read(7, 3))).toEqual([8, 9])
    expect(recent.read(9, 3)).toBeNull()
  })

  it('give the same again until the reader has passed them', () => {
    const recent = recentRecords()
    recent.add(record(1))
    expect(seqs(recent.read(0, 10))).toEqual([1])
    expect(seqs(recent.read(0, 10))).toEqual([1])
  })

  it('leave to the file what is older than all of them', () => {
    const recent = recentRecords()
    recent.add(record(5))
    expect(recent.read(3, 10)).toBeNull()
  })

  it('never span a gap of numbers: a replayed letter is only in the file', () => {
    const recent = recentRecords()
    recent.add(record(5))
    recent.add(record(7))
    expect(recent.read(4, 10)).toBeNull()
    expect(seqs(recent.read(6, 10))).toEqual([7])
  })

  it('hold a bounded number of messages and bytes for a reader that is behind', () => {
    const many = recentRecords()
    for (let seq = 1; seq <= 1_001; seq++) many.add(record(seq))
    expect(many.read(0, 10)).toBeNull()
    const large = recentRecords()
    for (let seq = 1; seq <= 17; seq++) large.add(record(seq, 64 * 1024))
    expect(large.read(0, 10)).toBeNull()
  })
})
