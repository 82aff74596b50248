/** The metrics of a started Tilth: all are documented, and the dashboard and the alert rules name no other. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { metricsPage, ownMetrics } from '../../docs/metrics-page.ts'
import { setUpFarm, type Farm } from './farm.ts'

const docs = join(import.meta.dirname, '../../docs')
const read = (path: string) => readFileSync(join(docs, path), 'utf8')

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[]
  templating: { list: { query: unknown }[] }
}
interface Rules {
  groups: {
    rules: {
      alert: string
      expr: string
      labels: { severity: string }
      annotations: { summary: string; description: string }
    }[]
  }[]
}
const dashboard = JSON.parse(read('grafana/tilth.json')) as Dashboard
const rules = (parse(read('prometheus/tilth-rules.yml')) as Rules).groups.flatMap((group) => group.rules)
const expressions: [string, string][] = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [`panel ${title}`, expr] as [string, string]),
  ),
  ...dashboard.templating.list.map(
    ({ query }) => ['a variable of the dashboard', JSON.stringify(query)] as [string, string],
  ),
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as [string, string]),
]

let farm: Farm
let backups: string
let text: string
/** from the lines of TYPE, which a metric without a value has too */
let types: Map<string, string>
beforeAll(async () => {
  backups = mkdtempSync(join(tmpdir(), 'tilth-metrics-'))
  farm = await setUpFarm({ BACKUP_DIR: backups })
  text = await (await fetch(`${farm.url}/metrics`)).text()
  types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]))
})
afterAll(async () => {
  await farm?.stop()
  rmSync(backups, { recursive: true, force: true })
})

/** A histogram has three names. */
const isThere = (name: string): boolean =>
  types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram'

it('docs/metrics.md matches the registry (npm run schemas)', async () => {
  expect(read('metrics.md')).toBe(await metricsPage())
})

it('every metric of a started Tilth is documented with its type, and every documented one is there', async () => {
  const own = [...types].filter(([name]) => !/^tilth_(nodejs|process)_/.test(name))
  const documented = (await ownMetrics())
    // the bridge is there with an external broker
    .filter(({ name }) => !name.startsWith('tilth_bridge_'))
    .map(({ name, type }) => [name, type])
  expect(own.sort()).toEqual(documented)
})

it('each part of /readyz has its line', async () => {
  const { parts } = (await (await fetch(`${farm.url}/readyz`)).json()) as { parts: Record<string, boolean> }
  expect(Object.keys(parts).length).toBeGreaterThan(3)
  for (const [part, isReady] of Object.entries(parts))
    expect(text).toContain(`tilth_ready{part="${part}"} ${isReady ? 1 : 0}\n`)
})

describe('the dashboard and the alert rules', () => {
  it.each(expressions)('%s: every metric exists (%s)', (_, expression) => {
    const names = expression.match(/tilth_\w+/g) ?? []
    expect(names.filter((name) => !isThere(name))).toEqual([])
  })

  it.each(expressions.filter(([, expression]) => /(part|kind)=~?"/.test(expression)))(
    '%s: every part or kind exists (%s)',
    (_, expression) => {
      for (const [, label, values] of expression.matchAll(/(part|kind)=~?\\?"([^"\\]+)/g))
        for (const value of values!.split('|')) expect(text).toContain(`${label}="${value}"`)
    },
  )

  it('name metrics at all, and each rule states what to do', () => {
    expect(expressions.length).toBeGreaterThan(25)
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { alert, expr, labels, annotations } of rules) {
      expect(expr, alert).toMatch(/tilth_|up\{job="tilth"\}/)
      expect(['critical', 'warning'], alert).toContain(labels.severity)
      expect(annotations.summary.length * annotations.description.length, alert).toBeGreaterThan(0)
    }
  })
})
