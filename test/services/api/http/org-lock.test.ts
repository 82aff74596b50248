import { expect, it } from 'vitest'
import { orgLock } from '../../../../services/api/http/org-lock.ts'

it('runs one task of an organisation at a time, and delays no other organisation', () => {
  const exports = orgLock()
  const end = exports.acquire('midori', 'under way')
  expect(() => exports.acquire('midori', 'under way')).toThrow('under way')
  exports.acquire('akane', 'under way')
  end()
  const again = exports.acquire('midori', 'under way')
  again()
  again()
  exports.acquire('midori', 'under way')
})
