/** docs/settings.md is generated from the schema of the settings. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { settingsPage, usage } from '../../services/config/settings-text.ts'
import { settingNames } from '../../services/config/settings-schema.ts'

it('docs/settings.md is current (npm run schemas)', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')).toBe(settingsPage())
})

it('the usage text lists every setting', () => {
  for (const name of settingNames) expect(usage()).toContain(`  ${name} `)
})
