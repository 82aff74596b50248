/** A product of the shelf as rows of the import, of which each use of its label is one. */
import type { ProductView } from '../../../services/api/schemas.ts'

export type ProductUse = ProductView['uses'][number]
export type ProductEntry = Pick<
  ProductView,
  'name' | 'country' | 'registrationNumber' | 'kind' | 'ingredients' | 'authorisedUntil' | 'reiHours'
> &
  Pick<ProductView, 'rainFastHours' | 'isBeeHazard' | 'limits' | 'uses'>

/** The JSON of `/api/products/import`. A value that is not known is left out. */
export function productTable(product: ProductEntry): string {
  const { limits } = product
  const label = {
    country: product.country,
    registration: product.registrationNumber,
    name: product.name,
    kind: product.kind,
    ingredients: product.ingredients
      .map(({ name, group }) => (group === null ? name : `${name}:${group}`))
      .join('; '),
    authorised_until: product.authorisedUntil,
    rei_h: product.reiHours,
    rain_fast_h: product.rainFastHours,
    bee_hazard: product.isBeeHazard,
    wind_min_mps: limits?.windMinMps,
    wind_max_mps: limits?.windMaxMps,
    temp_min_c: limits?.tempMinC,
    temp_max_c: limits?.tempMaxC,
    delta_t_max_c: limits?.deltaTMaxC,
  }
  const rows = product.uses.map((use) => ({
    ...label,
    crop: use.crop,
    target: use.target,
    dose_min: use.doseLo,
    dose_max: use.doseHi,
    dose_unit: use.doseUnit,
    dilution_min: use.dilutionLo,
    dilution_max: use.dilutionHi,
    volume_min_l_10a: use.volumeLoL10a,
    volume_max_l_10a: use.volumeHiL10a,
    max_per_season: use.maxPerSeason,
    max_per_ingredient: Object.entries(use.maxPerIngredient ?? {})
      .map(([name, count]) => `${name}:${count}`)
      .join('; '),
    phi_days: use.phiDays,
    interval_days: use.intervalDays,
    buffer_m: use.bufferM,
  }))
  return JSON.stringify(rows)
}
