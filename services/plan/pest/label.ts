/** A product and its uses as the checks read them, from their rows. Null is unknown. */
import {
  readIngredients,
  readLabelLimits,
  readMaxPerIngredient,
  type Ingredient,
  type LabelCopy,
  type LabelLimits,
  type ProductRow,
  type ProductUseRow,
} from '../../tables.ts'

export interface Label {
  product: ProductRow
  ingredients: readonly Ingredient[] // none: unknown
  limits: LabelLimits | null
  uses: readonly Use[]
}
export type Use = Omit<ProductUseRow, 'maxPerIngredient'> & {
  maxPerIngredient: Record<string, number> | null
}

/** Leaves out the uses of other products. INVALID_ROW for a stored text that cannot be parsed. */
export const toLabel = (product: ProductRow, uses: readonly ProductUseRow[]): Label => ({
  product,
  ingredients: readIngredients(product.ingredients),
  limits: product.limits === null ? null : readLabelLimits(product.limits),
  uses: uses
    .filter(({ productId }) => productId === product.id)
    .map((use) => ({
      ...use,
      maxPerIngredient: use.maxPerIngredient === null ? null : readMaxPerIngredient(use.maxPerIngredient),
    })),
})

/** The use for a crop and a pest; null where the label has none. */
export const useFor = ({ uses }: Label, crop: string, target: string): Use | null =>
  uses.find((use) => isSameText(use.crop, crop) && isSameText(use.target, target)) ?? null

/** False also for a label without known uses. */
export const isForCrop = ({ uses }: Label, crop: string): boolean =>
  uses.some((use) => isSameText(use.crop, crop))

/** Ignores case and surrounding spaces: names are entered by people. */
export const isSameText = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** The copy that is stored with a treatment, independent of later changes of the product. */
export const labelCopy = ({ product, ingredients }: Label, use: Use | null): LabelCopy => ({
  id: product.id,
  name: product.name,
  country: product.country,
  registrationNumber: product.registrationNumber,
  ingredients: [...ingredients],
  reiHours: product.reiHours,
  rainFastHours: product.rainFastHours,
  phiDays: use?.phiDays ?? null,
  use: use && { crop: use.crop, target: use.target },
  isDemo: product.isDemo === 1,
})
