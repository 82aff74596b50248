/** How often a monitor found a rule of the valve protocol broken, for Prometheus: every rule, from 0. */
import { Counter, type Registry } from 'prom-client'
import { rules, type Rule } from './rules.ts'

export function registerIncidents(registry: Registry, read: () => Partial<Record<Rule, number>>): void {
  let last: Partial<Record<Rule, number>> = {}
  new Counter({
    name: 'tilth_incidents_total',
    help: 'Breaks of the valve protocol that the monitors have found, by rule',
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
