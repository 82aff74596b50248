import { expect, it } from 'vitest'
import { oneAtATime } from '../../../../services/api/http/org-lock.ts'

it('lets an organisation do one at a time, and holds no other up', () => {
  const exports = oneAtATime()
  const end = exports.begin('midori', 'under way')
  expect(() => exports.begin('midori', 'under way')).toThrow('under way')
  exports.begin('akane', 'under way')
  end()
  const again = exports.begin('midori', 'under way')
  again()
  again()
  exports.begin('midori', 'under way')
})
