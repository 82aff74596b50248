/** The settings of the map tiles: one URL template of one host, and the attribution. */
import { err, ok, type Result } from '../../broker/contract/result.ts'

export interface MapTiles {
  url: string
  attribution: string
}

/** Without a URL there are no tiles: the map has a plain background. Tiles require an attribution. */
export function readMapTiles(url: string, attribution: string): Result<MapTiles | null> {
  if (url === '') return ok(null)
  // a fixed host: the content security policy allows it by name
  if (!/^https?:\/\/[a-z0-9.-]+(:\d+)?\/[^\s"'<>]*$/i.test(url) || !URL.canParse(url))
    return err(`MAP_TILES must look like https://tile.example.org/{z}/{x}/{y}.png, got ${url.slice(0, 80)}`)
  const missing = ['{z}', '{x}', '{y}'].find((place) => !url.includes(place))
  if (missing) return err(`MAP_TILES must have {z}, {x} and {y}, ${missing} is missing`)
  if (attribution === '') return err('MAP_ATTRIBUTION must name the owner of MAP_TILES, got nothing')
  return ok({ url, attribution })
}
