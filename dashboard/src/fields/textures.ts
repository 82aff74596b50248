/** Textures of soil that the tables of FAO-56 and Rawls know, from light to heavy. */
export const textures = [
  ...(['sand', 'loamy-sand', 'sandy-loam', 'loam', 'silt-loam', 'silt', 'sandy-clay-loam'] as const),
  ...(['clay-loam', 'silty-clay-loam', 'sandy-clay', 'silty-clay', 'clay'] as const),
]
