/** The catalogues: every language has the same keys and the same placeholders, and index.html lists each language. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { quantities } from '../../broker/contract/quantities.ts'
import { formatByName, PLACEHOLDER } from '../../dashboard/src/i18n/interpolate.ts'
import { textParts } from '../../dashboard/src/i18n/text-parts.ts'
import type { Texts } from '../../dashboard/src/i18n/types.ts'
import { apiKeys, compareKeys, forecastKeys, modelLimitKeys } from '../../services/api/http/message-keys.ts'
import { tableFaultKeys } from '../../services/api/co-op/table-fault.ts'
import { crops } from '../../services/agronomy/crops/catalogue.ts'
import { diseases } from '../../services/agronomy/disease/catalogue.ts'
import { diseaseReasonKeys } from '../../services/agronomy/disease/message-keys.ts'
import { pests } from '../../services/agronomy/pests/catalogue.ts'
import { IrrigationView } from '../../services/api/irrigation/irrigation-schemas.ts'
import { ModelCard } from '../../services/api/models/model-schemas.ts'
import { errorCodes } from '../../services/errors.ts'
import { managedCauses } from '../../services/alerts/desired-alerts.ts'
import { alertCauses } from '../../services/dispatch/alerts.ts'
import { integrationProblems } from '../../services/ports/integrations.ts'
import * as valveKeys from '../../services/drivers/message-keys.ts'
import { lockReasons, proofGrades, workKinds } from '../../services/tables.ts'
import { flowKinds } from '../../services/dispatch/flow/flow-watch.ts'
import { refusalKeys } from '../../services/dispatch/interlocks/interlocks.ts'
import { paddyStages } from '../../services/agronomy/paddy/stages.ts'
import { outletReasonKeys, targetReasonKeys, taskKeys } from '../../services/plan/paddy/message-keys.ts'
import { noteKeys } from '../../services/estimate/days/data-quality-notes.ts'
import { reasonKeys, skillKeys, termKeys } from '../../services/learn/message-keys.ts'
import * as pestKeys from '../../services/plan/pest/message-keys.ts'
import { outputKeys } from '../../services/plan/outputs/message-keys.ts'
import * as planKeys from '../../services/plan/message-keys.ts'
import { languageCodes, readCatalogue, readParts } from '../support/read-catalogue.ts'

const dashboard = join(import.meta.dirname, '../../dashboard')
const src = join(dashboard, 'src')
const languages = languageCodes()
const parts = Object.fromEntries(languages.map((name) => [name, readParts(name)]))
const texts = Object.fromEntries(languages.map((name) => [name, readCatalogue(name)]))
const en = texts['en']!

const baseOf = (key: string): string => key.split('#')[0]!
const basesOf = new Map(Object.values(texts).map((all) => [all, new Set(Object.keys(all).map(baseOf))]))
const bases = (all: Texts): Set<string> => basesOf.get(all)!
const placesOf = (text: string): string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name, format]) => `${name}|${format ?? formatByName(name!)}`).sort()
const has = (all: Texts, key: string): boolean => bases(all).has(key)

describe.each(languages)('the catalogue in %s', (language) => {
  const mine = texts[language]!

  it('is listed in index.html by its own name', () => {
    const page = readFileSync(join(dashboard, 'index.html'), 'utf8')
    expect(page).toMatch(new RegExp(`hreflang="${language}" title="[^"]+" href="/i18n/${language}/"`))
  })

  it('has no key twice: JSON keeps the last one silently', () => {
    const keys = textParts.flatMap((part) =>
      [
        ...readFileSync(join(dashboard, 'public/i18n', language, `${part}.json`), 'utf8').matchAll(
          /^ {2}"([^"]+)":/gm,
        ),
      ].map(([, key]) => key),
    )
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
    expect(new Set(keys)).toEqual(new Set(Object.keys(mine)))
  })

  it('has the files of the English one, and each text in the same file', () => {
    expect(Object.keys(parts[language]!).sort()).toEqual([...textParts].sort())
    for (const part of textParts)
      expect(new Set(Object.keys(parts[language]![part]!).map(baseOf)), part).toEqual(
        new Set(Object.keys(parts['en']![part]!).map(baseOf)),
      )
  })

  it('has every text of the English one, and no other', () => {
    expect([...bases(en)].filter((key) => !bases(mine).has(key))).toEqual([])
    expect([...bases(mine)].filter((key) => !bases(en).has(key))).toEqual([])
  })

  it('has each plural form of its language', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const key of Object.keys(mine).filter((name) => name.includes('#')))
      for (const form of forms) expect(mine, key).toHaveProperty([`${baseOf(key)}#${form}`])
  })

  it('has the same placeholders with the same formats', () => {
    for (const [key, text] of Object.entries(mine)) {
      const model = en[key] ?? en[`${baseOf(key)}#other`] ?? ''
      expect(placesOf(text), key).toEqual(placesOf(model))
    }
  })

  it('has no empty text', () => {
    expect(Object.entries(mine).filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it('writes digits half-width', () => {
    expect(Object.entries(mine).filter(([, text]) => /[０-９]/.test(text))).toEqual([])
  })

  it('has a text for every verdict, term, limit and reason that the services can write', () => {
    const sections = {
      verdict: planKeys.verdictKeys,
      line: planKeys.verdictKeys,
      advice: planKeys.verdictKeys,
      term: planKeys.termKeys,
      counterfactual: planKeys.counterfactualKeys,
      limit: planKeys.limitKeys,
      block: planKeys.blockKeys,
      unknown: planKeys.unknownKeys,
      basis: planKeys.basisKeys,
      withheld: planKeys.withheldKeys,
      leaching: planKeys.leachingKeys,
      input: planKeys.inputKeys,
      ended: planKeys.endReasonKeys,
      skip: planKeys.skipKeys,
      compare: compareKeys,
      forecast: forecastKeys,
      outlet: outletReasonKeys,
      'target-reason': targetReasonKeys,
      task: taskKeys,
      propose: pestKeys.proposalKeys,
      look: pestKeys.lookKeys,
      spray: pestKeys.hourKeys,
      check: pestKeys.checkKeys,
      note: noteKeys,
      'output.reason': outputKeys,
      'disease.reason': diseaseReasonKeys,
      'model.limit': modelLimitKeys,
      'model.reason': reasonKeys,
      'valve-refused': valveKeys.refusalKeys,
      'valve-need': valveKeys.needKeys,
      'valve-requirement': valveKeys.requirementKeys,
      'valve-failure': valveKeys.testFailureKeys,
      'people.table': tableFaultKeys,
    }
    for (const [section, keys] of Object.entries(sections))
      for (const [key, params] of Object.entries(keys) as [string, readonly string[]][]) {
        const text = mine[`${section}.${key}`]
        expect(text, `${section}.${key}`).toBeDefined()
        // a placeholder without a parameter would always show a dash
        for (const place of placesOf(text!).filter((placeholder) => !/^\d/.test(placeholder)))
          expect(params, `${section}.${key}`).toContain(place.split('|')[0])
      }
  })

  it('has a text for every other key that the services send', () => {
    const wanted = [
      ...Object.keys(apiKeys).map((key) => (key.startsWith('log-') ? `log.${key}` : `verdict.${key}`)),
      ...diseases.map(({ id }) => `disease-name.${id}`),
      ...ModelCard.properties.kind.enum.flatMap((kind) => [`model.kind.${kind}`, `model.about.${kind}`]),
      ...skillKeys.map((key) => `model.skill.${key}`),
      ...termKeys.map((key) => `model.term.${key}`),
      ...Object.keys(errorCodes).map((code) => `error.${code}`),
      ...refusalKeys.map((key) => `refused.${key}`),
      ...[...alertCauses, ...managedCauses].flatMap((cause) => [
        `alert.${cause}`,
        `cause.${cause}`,
        `remedy.${cause}`,
      ]),
      ...workKinds.map((kind) => `work.${kind}`),
      ...IrrigationView.properties.volumeSource.enum.map((source) => `source.${source}`),
      ...flowKinds.map((kind) => `flow.${kind}`),
      // a leak ends no run
      ...[...flowKinds.filter((kind) => kind !== 'leak'), 'main'].map((kind) => `ended.flow-${kind}`),
      ...['zone-shut', 'main-shut', 'reported'].map((done) => `done.${done}`), // flow-supervision.ts
      ...['overflow', 'no-flow', 'leak', 'flash'].map((fault) => `fault.${fault}`), // device.ts
      ...paddyStages.map((stage) => `stage.${stage}`),
      ...['heat', 'calendar', 'person'].map((from) => `stage-from.${from}`), // season.ts
      ...Object.keys(crops).map((crop) => `crop.${crop}`),
      ...Object.values(crops).flatMap(({ heatStages }) => heatStages.map(({ stage }) => `stage.${stage}`)),
      ...Object.values(pests).flatMap(({ id, events }) => [
        `pest.${id}`,
        ...events.map(({ key }) => `event.${key}`),
      ]),
      ...proofGrades.map((grade) => `valve.proof.${grade}`),
      ...lockReasons.map((reason) => `valve-lock.${reason}`),
      ...integrationProblems.map((problem) => `integration.problem.${problem}`),
      ...Object.values(quantities).map(({ label }) => `quantity.${label}`),
    ]
    expect(wanted.filter((key) => !has(mine, key))).toEqual([])
  })
})

describe('the components', () => {
  const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => name.endsWith('.svelte'))

  it('have no text that is not in the catalogue', () => {
    const literals = files.flatMap((name) => {
      const source = readFileSync(join(src, name), 'utf8')
      const markup = source
        .replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '')
        .replace(/\{[^{}]*(\{[^{}]*(\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}/g, '') // expressions
        .replace(/<[^>]*>/g, '\n') // tags, with their attributes
      return [...markup.matchAll(/[A-Za-z぀-ヿ一-鿿]{2,}/g)].map(([word]) => `${name}: ${word}`)
    })
    // units, file types, spaces and the product's name are the same in every language
    expect(literals.filter((text) => !/: (Tilth|mm|cm|kg|XLSX|CSV|nbsp|ensp)$/.test(text))).toEqual([])
  })

  it('leave no text of the catalogue unused', () => {
    const sources = (readdirSync(src, { recursive: true }) as string[])
      .filter((name) => /\.(svelte|ts)$/.test(name))
      .map((name) => readFileSync(join(src, name), 'utf8'))
      .join('\n')
    const bySection =
      /^(audit\.(broken|actor|action|subject|next-step|verb)|model\.(kind|about|reason|term|skill|limit)|disease|disease-name|missing-input|verdict|line|advice|term|fall|counterfactual|limit|outlet|target-reason|stage-from|task|unknown|ended|basis|withheld|leaching|skip|compare|forecast|run|log|note|source|alert|cause|remedy|fault|flow|done|block|refused|error|crop|stage|pest|propose|look|look-source|drainage-end|spray|check|event|input|quantity|method|work|integration\.(problem|status)|valve\.proof|valve-(refused|need|requirement|lock|failure))\./
    const built =
      /^(today|audit\.kind|map|shape\.(by|fault|kind)|texture|strategy|range|theme|settings|role|kind|mode|device|risk|wetness|insect\.from|output\.(kind|rule|reason)|treat\.(action|result|state|pre-harvest)|notification\.(push|problem|group|mode)|soil\.from|ahead\.by|model\.(by|state)|report\.(missing|factor|correlation|what)|field\.tab|add\.kind|harvest\.(grade|form)|zone\.how|why\.right|verify\.state|trust\.(state|platform|steps)|paste|integration\.about|guide\.step|crop-group|product\.kind|notify-members\.kind|people\.(invite|name|role|change|fault|column|table))\./ // for example `today.${status}`
    const builtWhole =
      /^((people|consent)\.(sees\w+|isNamed)|harvest\.(grossKg|moisturePct|foreignPct|sieveMm|ticket|destination|meter)|enter\.(machine|operator|lot|note)|product\.(doseLo|doseHi|phiDays|maxPerSeason|intervalDays))$/
    const unused = [...bases(en)].filter(
      (key) =>
        !bySection.test(key) && !built.test(key) && !builtWhole.test(key) && !sources.includes(`'${key}'`),
    )
    expect(unused).toEqual([])
  })
})
