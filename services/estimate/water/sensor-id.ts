/** The name of a sensor in the stored water of its field: its device and depth. */
export const sensorId = (device: string, depthCm: number): string => `${device}/${depthCm}`

/** The device and depth of `sensorId`. */
export function sensorOf(id: string): { device: string; depthCm: number } {
  const at = id.lastIndexOf('/')
  return { device: id.slice(0, at), depthCm: Number(id.slice(at + 1)) }
}

/** One sensor; null: silent. % vol., or dS/m of an EC sensor. */
export interface ProbeValue {
  device: string
  depthCm: number | null
  percent: number | null
}
