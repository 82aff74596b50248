import { expect, it } from 'vitest'
import { productLines } from '../../bench/loop/product-lines.ts'
import { firstDay, setup } from '../services/plan/decide/contract-example.ts'

it('the product responds to the lines of a season as a function, and ends with them', () => {
  const lines = productLines()
  try {
    const [ready, decision] = [setup, firstDay].map(
      (line) => JSON.parse(lines.respond(JSON.stringify(line))!) as object,
    )
    expect(ready).toMatchObject({ type: 'ready', crop: 'maize' })
    expect(decision).toMatchObject({ type: 'decision', day: '1995-05-01', irrigateMm: 0 })
    expect(lines.respond('')).toBeNull()
    expect(lines.respond('{}')).toMatch(/"type":"error","line":4/)
  } finally {
    lines.end()
  }
})
