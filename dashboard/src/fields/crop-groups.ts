/** Crops as a grower looks for them, and which of them stand for years. */

export const cropGroups = {
  cereal: ['rice', 'wheat', 'winter-wheat', 'barley', 'oats', 'maize', 'sweet-corn', 'millet', 'sorghum'],
  vegetable: [
    ...['tomato', 'cucumber', 'eggplant', 'pepper', 'melon', 'watermelon', 'pumpkin', 'strawberry'],
    ...['cabbage', 'broccoli', 'cauliflower', 'lettuce', 'spinach', 'celery', 'asparagus'],
    ...['onion', 'garlic', 'carrot', 'radish', 'potato', 'sweet-potato', 'sugar-beet'],
  ],
  field: [
    'soybean',
    'bean',
    'pea',
    'lentil',
    'peanut',
    'sunflower',
    'rapeseed',
    'cotton',
    'alfalfa',
    'turfgrass',
  ],
  orchard: [
    ...['apple', 'pear', 'peach', 'cherry', 'apricot', 'grape', 'kiwi', 'citrus', 'olive', 'avocado'],
    ...['almond', 'walnut', 'banana', 'coffee', 'tea', 'hops', 'sugarcane'],
  ],
} as const
export type CropGroup = keyof typeof cropGroups

/** In the order of the list; `other` comes last. */
export const cropGroupNames: readonly (CropGroup | 'other')[] = [
  ...(Object.keys(cropGroups) as CropGroup[]),
  'other',
]

/** `other`: a crop of the catalogue that no group names. */
export const groupOf = (crop: string): CropGroup | 'other' =>
  (Object.keys(cropGroups) as CropGroup[]).find((group) =>
    (cropGroups[group] as readonly string[]).includes(crop),
  ) ?? 'other'

// an orchard is not sown each year: its season begins when it grows
const perennials = new Set<string>([...cropGroups.orchard, 'alfalfa', 'asparagus', 'turfgrass'])
export const isPerennial = (crop: string): boolean => perennials.has(crop)

/**
 * The last day on which growth usually begins: 1 April in the north, 1 October in the south. A person corrects it to the
 * day on which buds opened.
 */
export function usualGrowthStart(today: string, latDeg: number): string {
  const start = latDeg < 0 ? '10-01' : '04-01'
  const year = Number(today.slice(0, 4))
  return today.slice(5) >= start ? `${year}-${start}` : `${year - 1}-${start}`
}
