/** The settings of the pictures behind the map: one address of one host, and who made them. */
import { err, ok, type Result } from '../../broker/contract/result.ts'

export interface MapTiles {
  url: string
  attribution: string
}

/** No address, no pictures: the map then has a plain background. Whoever shows pictures names their owner. */
export function readMapTiles(url: string, attribution: string): Result<MapTiles | null> {
  if (url === '') return ok(null)
  // one host without a place to fill in: the page's policy allows it by name
  if (!/^https?:\/\/[a-z0-9.-]+(:\d+)?\/[^\s"'<>]*$/i.test(url) || !URL.canParse(url))
    return err(`MAP_TILES must look like https://tile.example.org/{z}/{x}/{y}.png, got ${url.slice(0, 80)}`)
  const missing = ['{z}', '{x}', '{y}'].find((place) => !url.includes(place))
  if (missing) return err(`MAP_TILES must have {z}, {x} and {y}, ${missing} is missing`)
  if (attribution === '') return err('MAP_ATTRIBUTION must name the owner of MAP_TILES, got nothing')
  return ok({ url, attribution })
}
