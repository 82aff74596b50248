/** The drainage evidence on paper. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { drainagePdf } from '../../../../services/report/drainage/drainage-file.ts'
import { describeWithPoppler, readPdf } from '../../../support/pdf.ts'
import { redJpeg } from '../../../support/red-jpeg.ts'
import { asked, NOW_MS, openDrainedFarm } from './drained-farm.ts'

let opened: OpenState
const deps = () => ({ state: opened.state, version: '0.1.0', nowMs: NOW_MS })
beforeAll(async () => {
  opened = await openDrainedFarm()
})
afterAll(async () => {
  await opened.close()
})

describeWithPoppler('on paper', () => {
  it('have the same content in Japanese and English, and are reproducible byte for byte', async () => {
    const [entry, two] = [await drainagePdf(deps(), asked), await drainagePdf(deps(), asked)]
    expect(Buffer.compare(Buffer.from(entry), Buffer.from(two))).toBe(0)
    const ja = (await readPdf(entry)).text
    for (const output of [
      '0412-0031 佐藤 花子',
      '16日',
      '8.5日',
      '15.5日',
      '令和8年6月18日',
      '令和8年7月3日',
    ])
      expect(ja).toContain(output)
    for (const output of [
      '小ひびを確認した',
      '積算温度からの推定',
      '写真の記録がありません',
      '稲わら 500 kg/10a',
      '確認印',
    ])
      expect(ja).toContain(output)
    const en = (await readPdf(await drainagePdf(deps(), { ...asked, lang: 'en' }))).text
    for (const output of [
      '16 days',
      '8.5 days',
      'yes',
      '2026-06-18, estimated from heat',
      '37.50000, 138.90000',
    ])
      expect(en).toContain(output)
  })
})

describeWithPoppler('with photos', () => {
  it('print those of the start and the end, and the number of further ones', async () => {
    const { state } = opened
    const photos = Array.from({ length: 11 }, (_, n) => ({
      id: `p${n}`,
      org: 'midori',
      farmId: 'farm',
      fieldId: 'paddy',
      kind: 'work' as const,
      recordId: 'w',
      takenMs: Date.parse('2026-06-19T03:00Z') + n * 3_600_000,
      addedBy: 'person',
      addedAtMs: NOW_MS,
      sha256: n.toString(16).repeat(64),
      thumbnail: '',
      picture: redJpeg,
      voidedBy: null,
      voidReason: null,
      voidedAtMs: null,
    }))
    await state.deleteFrom('recordPhoto').execute()
    await state.insertInto('recordPhoto').values(photos).execute()
    const bytes = await drainagePdf(deps(), { ...asked, lang: 'en' })
    const { text, words, pages } = await readPdf(bytes)
    expect(text).toContain('3 more are on record.')
    const below = words.filter(({ text: word }) => /^\(([0-9a])\1{11}\);?$/.test(word))
    // in the list each stands once; below their pictures the first and the last four do again
    const twice = below.filter(
      ({ text: word }, at) =>
        below.findIndex((entry) => entry.text.slice(0, 14) === word.slice(0, 14)) !== at,
    )
    expect(twice.map(({ text: word }) => word[1])).toEqual(['0', '1', '2', '3', '7', '8', '9', 'a'])
    for (const { page, xMin, yMin } of twice) {
      const [red, green, blue] = pages[page]!.at(xMin - 20, yMin - 60)
      expect([red > 170, green < 60, blue < 60]).toEqual([true, true, true])
    }
    expect(Buffer.compare(bytes, await drainagePdf(deps(), { ...asked, lang: 'en' }))).toBe(0)
  })

  it('leave the frame of an unreadable photo empty', async () => {
    await opened.state.updateTable('recordPhoto').set({ picture: 'AAAA' }).where('id', '=', 'p1').execute()
    const { text } = await readPdf(await drainagePdf(deps(), { ...asked, lang: 'en' }))
    expect(text).toContain('Photos of the start and the end')
  })
})
