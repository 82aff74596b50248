/** Pests and diseases are called the same in files as on the screen. */
import { expect, it } from 'vitest'
import { diseases } from '../../../services/agronomy/disease/catalogue.ts'
import { pests } from '../../../services/agronomy/pests/catalogue.ts'
import { targetText } from '../../../services/domain/target-names.ts'
import { readCatalogue } from '../../support/read-catalogue.ts'

const ids = [
  ...Object.keys(pests).map((id) => ['pest', id]),
  ...diseases.map(({ id }) => ['disease-name', id]),
]

it.each(ids)('%s %s', (section, id) => {
  for (const lang of ['en', 'ja'] as const)
    expect(targetText(id!, lang)).toBe((readCatalogue(lang) as Record<string, string>)[`${section}.${id}`])
})

it('another one as its label names it', () => expect(targetText('ハダニ類', 'ja')).toBe('ハダニ類'))
