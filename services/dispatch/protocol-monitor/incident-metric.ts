/** Violations of the valve protocol by rule, for Prometheus: every rule, from 0. */
import { Counter, type Registry } from 'prom-client'
import { rules, type Rule } from './rules.ts'

/** `read` gives the totals since the start; each scrape adds what they have grown since the last one. */
export function registerIncidents(registry: Registry, read: () => Partial<Record<Rule, number>>): void {
  let last: Partial<Record<Rule, number>> = {}
  new Counter({
    name: 'tilth_incidents_total',
    help: 'Violations of the valve protocol found by the monitors, by rule',
    labelNames: ['rule'],
    registers: [registry],
    collect() {
      const now = { ...read() }
      for (const rule of Object.keys(rules) as Rule[])
        this.inc({ rule }, (now[rule] ?? 0) - (last[rule] ?? 0))
      last = now
    },
  })
}
