/** An entry on its way from a phone to the server. */
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../broker/contract/time.ts'
import {
  pendingCount,
  isExpiredCopy,
  isFinalRefusal,
  isExpiredApproval,
  queuedApproval,
  requestOf,
  type QueueItem,
} from '../../dashboard/src/api/queue-item.ts'
import type { Texts } from '../../dashboard/src/i18n/types.ts'
import { queueStateText } from '../../dashboard/src/i18n/queue-state-text.ts'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const en = readCatalogue('en')
const ja = readCatalogue('ja')

const item = (more: Partial<QueueItem> = {}): QueueItem => ({
  id: 'key-0001',
  owner: 'midori/sato',
  fieldId: 'hill 2',
  fieldName: 'Hill 2',
  atMs: 5,
  createdMs: 5,
  entry: { kind: 'count', subject: 'codling-moth', where: 'trap', count: 12 },
  state: 'waiting',
  reason: null,
  sentMs: null,
  receivedMs: null,
  ...more,
})

const yes = (more: Partial<QueueItem> = {}) =>
  item({
    entry: {
      kind: 'approve',
      run: { id: 'run 4', fieldId: 'hill 2', fieldName: 'Hill 2', atMs: 90, minutes: 110, grossMm: 15 },
    },
    ...more,
  })

describe('an approval of a run', () => {
  it('is sent with the run as it was seen, and its own key', () => {
    expect(requestOf(yes())).toEqual({
      path: '/api/runs/run%204/approve',
      body: { idem: 'key-0001', seen: { startMs: 90, minutes: 110 }, decidedOfflineAtMs: 5 },
    })
    // one that is decided online has no time of its own
    const { id, fieldId, entry } = yes()
    expect(JSON.parse(JSON.stringify(requestOf({ id, fieldId, entry }).body))).not.toHaveProperty(
      'decidedOfflineAtMs',
    )
  })

  it('that has not left this phone expires at the planned start; one that may have left is decided by the server', () => {
    expect(isExpiredApproval(yes(), 89)).toBe(false)
    expect(isExpiredApproval(yes(), 90)).toBe(true)
    expect(isExpiredApproval(yes({ wasSent: true }), 90)).toBe(false)
    expect(isExpiredApproval(item(), 90)).toBe(false)
  })

  it('that may have left is not shown as being on this phone only', () => {
    const locale = createLocale(en as Texts, { language: 'en', timeZone: 'Asia/Tokyo', nowMs: () => 0 })
    expect(queueStateText(yes(), locale)).toBe(en['queued.waiting'])
    expect(queueStateText(yes({ wasSent: true }), locale)).toBe(en['start.no-response'])
  })

  it('is shown with its run, the newest only', () => {
    const items = [yes({ id: 'a', state: 'refused' }), yes({ id: 'b' }), item({ id: 'c' })]
    expect(queuedApproval(items, 'run 4')?.id).toBe('b')
    expect(queuedApproval(items, 'run 5')).toBeUndefined()
  })

  it.each([
    ['en', en, 'rejected, its time has passed', 'rejected, something changed in the meantime'],
    ['ja', ja, /時刻|過ぎ/, /変/],
  ] as const)('that was refused shows the reason in %s', (language, texts, late, changed) => {
    const told = (reason: string) =>
      queueStateText(
        yes({ state: 'refused', reason }),
        createLocale(texts, { language, timeZone: 'Asia/Tokyo', nowMs: () => 0 }),
      )
    expect(told('expired')).toMatch(late)
    expect(told('stale-request')).toMatch(changed)
    // of a role that was withdrawn meanwhile
    expect(told('FORBIDDEN')).toContain(texts['refused.FORBIDDEN'])
  })
})

describe('an item of the queue', () => {
  it('that the server has not accepted is never deleted by itself; a sent copy is deleted after 14 days', () => {
    for (const state of ['waiting', 'refused'] as const)
      expect(isExpiredCopy(item({ state }), 400 * DAY_MS)).toBe(false)
    const sent = item({ state: 'sent', sentMs: 0 })
    expect(isExpiredCopy(sent, 14 * DAY_MS)).toBe(false)
    expect(isExpiredCopy(sent, 14 * DAY_MS + 1)).toBe(true)
  })

  it('is sent to its field with its own key and its time', () => {
    expect(requestOf(item())).toEqual({
      path: '/api/fields/hill%202/scouting-counts',
      body: { idem: 'key-0001', atMs: 5, subject: 'codling-moth', where: 'trap', count: 12 },
    })
    expect(requestOf(item({ entry: { kind: 'note', text: 'lodged' } }))).toEqual({
      path: '/api/fields/hill%202/notes',
      body: { idem: 'key-0001', atMs: 5, text: 'lodged' },
    })
    const water = { fields: [{ fieldId: 'hill 2' }], atMs: 3, amount: null }
    expect(requestOf(item({ entry: { kind: 'water', water } }))).toEqual({
      path: '/api/irrigations',
      body: { idem: 'key-0001', ...water },
    })
  })

  it('waits while the network, the server or a limit is in the way, and is refused only by a final refusal', () => {
    const refused = (status: number) =>
      isFinalRefusal({ kind: 'refused', status, code: 'X', message: '', params: {} })
    expect([400, 403, 404, 409].map(refused)).toEqual([true, true, true, true])
    expect([408, 429, 500, 502, 503].map(refused)).toEqual([false, false, false, false, false])
    expect(isFinalRefusal({ kind: 'network' })).toBe(false)
    // a person who is signed out signs in again, and it is sent then
    expect(isFinalRefusal({ kind: 'signed-out' })).toBe(false)
  })

  it('of a trap is shown with its trap until the server has it, the newest only', () => {
    const older = item({ id: 'a' })
    const newer = item({ id: 'b', state: 'refused' })
    const items = [older, newer, item({ id: 'c', state: 'sent' }), item({ id: 'd', fieldId: 'other' })]
    expect(pendingCount(items, 'hill 2', 'codling-moth', 'trap')?.id).toBe('b')
    expect(pendingCount(items, 'hill 2', 'codling-moth', 'plants')).toBeUndefined()
  })

  it('that was refused shows the reason: for a load the day, the product and its pre-harvest interval', () => {
    const told = (language: 'en' | 'ja', texts: Texts) =>
      queueStateText(
        item({
          state: 'refused',
          reason: 'PRE_HARVEST_INTERVAL',
          params: { field: 'Paddy 7', day: '2026-09-12', product: 'Sumithion', days: 21 },
        }),
        createLocale(texts, {
          language,
          timeZone: 'Asia/Tokyo',
          nowMs: () => Date.parse('2026-09-01T00:00Z'),
        }),
      ).replaceAll('\u00a0', ' ')
    expect(told('en', en)).toBe(
      'rejected, Paddy 7: no harvest before Sat 12 Sept (Sumithion: 21-day pre-harvest interval)',
    )
    expect(told('ja', ja)).toMatch(/Paddy 7の収穫は9月12日.*以降、Sumithionは収穫21日前まで/)
  })
})
