/** A complete plan of a treatment, for tests that need only its product. */
import type { LabelCopy, TreatmentPlan } from '../../services/tables.ts'

export const treatmentPlan = (product: Partial<LabelCopy> = {}): TreatmentPlan => ({
  product: {
    id: 'p',
    name: 'Sumithion',
    country: 'JP',
    registrationNumber: '1',
    ingredients: [],
    reiHours: null,
    rainFastHours: null,
    phiDays: null,
    isDemo: false,
    ...product,
  },
  dose: {
    amount: 50,
    unit: 'mL/10a',
    dilution: 1000,
    volumeL10a: 100,
    areaM2: 3000,
    totalProduct: 150,
    totalSprayL: 300,
  },
  operator: 'Sato',
  flowering: null,
  proposal: null,
  checks: [],
  accepted: [],
  rules: '1',
})
