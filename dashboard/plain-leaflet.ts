/**
 * Leaflet asks at run time whether it stands in the Internet Explorer, in the first Edge or in Android's old browser. Of
 * the browsers that this page is built for each answer is known, and what only the old ones need is not carried; nor is
 * what a map can do and this one never does: fly, look where the phone is, tell the middle of a shape.
 */
import type { Plugin } from 'vite'

const known: Record<string, boolean> = {
  any3d: true,
  passiveEvents: true,
  pointer: true,
  svg: true,
  androidStock: false,
  android23: false,
  edge: false,
  gecko3d: false,
  ie: false,
  ie3d: false,
  ielt9: false,
  mobileOpera: false,
  msPointer: false,
  opera: false,
  opera12: false,
  phantom: false,
  vml: false,
  webkit3d: true,
}

/** Methods that neither this page nor what it takes of Leaflet calls, by file. */
const uncalled: Record<string, string[]> = {
  'map/Map.js': [
    ...['fitWorld', 'flyTo', 'flyToBounds', 'setMinZoom', 'setMaxZoom', 'mouseEventToLatLng'],
    ...['locate', '_handleGeolocationError', '_handleGeolocationResponse'],
  ],
  'layer/LayerGroup.js': ['getLayers', 'setZIndex'],
  'layer/marker/Marker.js': ['getIcon', 'setIcon', 'setZIndexOffset'],
  'layer/tile/GridLayer.js': ['bringToBack', 'bringToFront', 'isLoading', 'setZIndex'],
  'layer/tile/TileLayer.js': ['setUrl'],
  'layer/vector/Path.js': ['bringToBack', 'bringToFront', 'setStyle'],
  'layer/vector/Polyline.js': ['addLatLng', 'closestLayerPoint', 'getCenter', 'isEmpty'],
  'layer/vector/Polygon.js': ['getCenter'],
}

/** Every marker of ours has a picture of its own, and none is dragged. */
const ofMarker: [written: RegExp, plain: string][] = [
  [/^import \{(IconDefault|MarkerDrag)\} from .*;$/gm, ''],
  [/icon: new IconDefault\(\)/, 'icon: null'],
  [/if \(MarkerDrag\)/, 'if (false)'],
]

export function plainLeaflet(): Plugin {
  return {
    name: 'tilth-leaflet',
    enforce: 'pre',
    transform: {
      filter: { id: /\/leaflet\/src\/.*\.js$/ },
      handler(code, id) {
        if (id.endsWith('/core/Browser.js'))
          return code.replace(/^var (\w+) = .*;$/gm, (line, name: string) =>
            name in known ? `var ${name} = ${known[name]};` : line,
          )
        const methods = Object.entries(uncalled).find(([file]) => id.endsWith(`/src/${file}`))?.[1] ?? []
        const cuts = methods.map((method): [RegExp, string] => [
          new RegExp(`^\\t${method}: function \\([\\s\\S]*?^\\t\\},?\\r?\\n`, 'm'),
          '',
        ])
        if (id.endsWith('/marker/Marker.js')) cuts.push(...ofMarker)
        return cuts
          .reduce((text, [written, plain]) => {
            if (text.search(written) < 0)
              this.error(`${id} is written in another way than before: no ${written}`)
            return text.replace(written, plain)
          }, code)
          .replace(/\bBrowser\.(\w+)/g, (asked, name: string) => String(known[name] ?? asked))
      },
    },
  }
}
