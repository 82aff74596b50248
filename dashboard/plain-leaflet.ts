/**
 * Leaflet asks at run time whether it stands in the Internet Explorer, in the first Edge or in Android's old browser. Of
 * the browsers that this page is built for each answer is known, and what only the old ones need is not carried.
 */
import type { Plugin } from 'vite'

const known: Record<string, boolean> = {
  ...{ any3d: true, passiveEvents: true, pointer: true, svg: true },
  ...{
    androidStock: false,
    android23: false,
    edge: false,
    gecko3d: false,
    ie: false,
    ie3d: false,
    ielt9: false,
  },
  ...{
    mobileOpera: false,
    msPointer: false,
    opera: false,
    opera12: false,
    phantom: false,
    vml: false,
    webkit3d: true,
  },
}

export function plainLeaflet(): Plugin {
  return {
    name: 'tilth-leaflet',
    enforce: 'pre',
    transform: {
      filter: { id: /\/leaflet\/src\/.*\.js$/ },
      handler: (code, id) =>
        id.endsWith('/core/Browser.js')
          ? code.replace(/^var (\w+) = .*;$/gm, (line, name: string) =>
              name in known ? `var ${name} = ${known[name]};` : line,
            )
          : code.replace(/\bBrowser\.(\w+)/g, (asked, name: string) => String(known[name] ?? asked)),
    },
  }
}
