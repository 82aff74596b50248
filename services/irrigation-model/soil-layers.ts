/** The soil of a field in layers: storage and deficit between two depths. mm of water. */

export interface Layer {
  toM: number // the lowest layer is unbounded
  fieldCapacity: number
  wiltingPoint: number
}

/** Total available water, FAO-56 Eq. 82 layer by layer. mm. */
export const storeMm = (layers: readonly Layer[], fromM: number, toM: number): number =>
  1000 * overDepth(layers, fromM, toM, (layer) => layer.fieldCapacity - layer.wiltingPoint)

/** ∫ of(layer) dz */
export function overDepth<L extends Pick<Layer, 'toM'>>(
  layers: readonly L[],
  fromM: number,
  toM: number,
  property: (layer: L) => number,
): number {
  let sum = 0
  let topM = 0
  for (const [i, layer] of layers.entries()) {
    const bottomM = i === layers.length - 1 ? Infinity : layer.toM
    sum += property(layer) * Math.max(0, Math.min(bottomM, toM) - Math.max(topM, fromM))
    topM = layer.toM
  }
  return sum
}
