/** Which texts of the catalogue the code of a screen uses, read from the sources. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PLACEHOLDER } from '../../dashboard/src/i18n/interpolate.ts'
import type { Texts } from '../../dashboard/src/i18n/types.ts'

export const src = join(import.meta.dirname, '../../dashboard/src')

// these load screens, sheets and steps when they open, with texts of their own
const LOADERS = ['app/screens.ts', 'app/sheets.ts', 'setup/open-steps.ts'].map((name) => join(src, name))

const STATIC_IMPORT = /\b(?:import|export)\s+(?!type\b)(?:[^'"();]*?\bfrom\s+)?'(\.[^']+)'/g
const DYNAMIC_IMPORT = /\bimport\(\s*'(\.[^']+)'\s*\)/g

/** A module and everything that it imports, except the screens, sheets and steps that are loaded when they open. */
export function filesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  const source = readFileSync(file, 'utf8')
  const imports = [
    ...source.matchAll(STATIC_IMPORT),
    ...(LOADERS.includes(file) ? [] : source.matchAll(DYNAMIC_IMPORT)),
  ]
  for (const [, path] of imports) {
    const imported = resolve(dirname(file), path!)
    if (imported.startsWith(src) && existsSync(imported)) filesOf(imported, found)
  }
  return found
}

const baseOf = (key: string): string => key.split('#')[0]!

/** The keys of the catalogue that these files name, alone or by a section (`message('cause', …)`, `today.${status}`). */
export function keysUsed(files: Iterable<string>, catalogue: Texts): Set<string> {
  const keys = Object.keys(catalogue)
  const byBase = new Map<string, string[]>()
  for (const key of keys) byBase.set(baseOf(key), [...(byBase.get(baseOf(key)) ?? []), key])
  const used = new Set<string>()
  const sections = new Set<string>()
  const addSection = (section: string): void => {
    if (sections.has(section)) return
    sections.add(section)
    for (const key of keys) if (key.startsWith(`${section}.`)) addKey(key)
  }
  const addKey = (key: string): void => {
    if (used.has(key)) return
    used.add(key)
    // a placeholder may name a section in which its value is looked up
    for (const [, , section] of catalogue[key]!.matchAll(PLACEHOLDER))
      if (section !== undefined) addSection(section)
  }
  for (const file of files) {
    const source = readFileSync(file, 'utf8')
    for (const [, text] of source.matchAll(/'([a-z][\w.-]*)'/g)) byBase.get(text!)?.forEach(addKey)
    for (const [, section] of source.matchAll(/\b(?:message|messageOrNull|keysOf)\(\s*'([\w.-]+)'/g))
      addSection(section!)
    for (const [, prefix] of source.matchAll(/`([a-z][\w-]*(?:\.[\w-]+)*)\.\$\{/g)) addSection(prefix!)
  }
  // reasons of a refusal and of an end share their texts (locale.ts)
  if (sections.has('ended') || sections.has('refused'))
    for (const name of ['ended', 'refused']) addSection(name)
  return used
}
