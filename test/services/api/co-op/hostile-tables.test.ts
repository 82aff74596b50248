/** Members tables that are made to break their parser: each is rejected, with one line that states what is wrong. */
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { createMembersReader } from '../../../../services/api/co-op/members-reader.ts'
import { readTable } from '../../../../services/api/co-op/read-table.ts'
import { hostileFiles, workbook } from '../../../support/hostile-files.ts'

describe('a hostile table is rejected with one line (B11)', () => {
  const files = hostileFiles.filter(({ to, isSlow }) => to === 'members' && !isSlow)
  it.each(files.map((file) => [file.name, file] as const))('%s', async (_, { bytes, expected }) => {
    const table = await readTable(bytes())
    expect(table.ok ? 'accepted' : table.error.message).toMatch(expected)
    expect(table).not.toMatchObject({ error: { message: expect.stringContaining('\n') as unknown } })
  })
})

describe('a workbook within the limits', () => {
  const text = (reference: string, value: string) =>
    `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`

  it('is read, with formatted cells and rows that are empty up to the end of the sheet', async () => {
    const table = await readTable(
      workbook(
        `<row r="1">${text('A1', 'Member')}<c r="XFD1" s="0"/></row>` +
          `<row r="3">${text('B3', '１２')}</row><row r="1048576" ht="15"/>`,
      ),
    )
    expect(table).toEqual({ ok: true, value: [['Member', ''], ['', ''], ['', '12']] }) // prettier-ignore
  })

  it('is read whatever else is in the zip', async () => {
    const picture = new Uint8Array(1_000)
    const table = await readTable(
      workbook(`<row r="1">${text('A1', 'Member')}</row>`, { extra: { 'xl/media/image1.png': picture } }),
    )
    expect(table).toEqual({ ok: true, value: [['Member']] })
  })

  it('is not read when its sheet is missing', async () => {
    expect(await readTable(zipSync({ 'a.xml': new Uint8Array(0) }))).toMatchObject({
      error: { params: { fault: 'workbook' } },
    })
  })
})

describe('the reader of members tables', () => {
  it('reads the file of one organisation while that of another takes long', async () => {
    const reader = createMembersReader()
    const slowFile = hostileFiles.find(({ name }) => name.startsWith('3,000,000 levels'))!.bytes()
    const order: string[] = []
    const table = new TextEncoder().encode('Member,Field,Area (a)\nAoki,North,12\n')
    await reader.read(table) // the threads have started
    await Promise.all([
      reader.read(slowFile).then(() => order.push('slow')),
      reader.read(table).then(() => order.push('good')),
    ])
    expect(order).toEqual(['good', 'slow'])
    await reader.end()
  })
})
