/**
 * The parts of Leaflet that this map is made of, each from its own file. The whole of it, with popups, a canvas, layers
 * from servers of maps and the Internet Explorer's shapes, would be a quarter of the budget of all code.
 */
import { Map } from 'leaflet/src/map/Map.js'
import 'leaflet/src/map/handler/Map.DoubleClickZoom.js'
import 'leaflet/src/map/handler/Map.Drag.js'
import 'leaflet/src/map/handler/Map.Keyboard.js'
import 'leaflet/src/map/handler/Map.ScrollWheelZoom.js'
import 'leaflet/src/map/handler/Map.TouchZoom.js'

export { Map as LeafletMap }
export { LatLngBounds } from 'leaflet/src/geo/LatLngBounds.js'
export { LayerGroup } from 'leaflet/src/layer/LayerGroup.js'
export { DivIcon } from 'leaflet/src/layer/marker/DivIcon.js'
export { Marker } from 'leaflet/src/layer/marker/Marker.js'
export { TileLayer } from 'leaflet/src/layer/tile/TileLayer.js'
export { Polygon } from 'leaflet/src/layer/vector/Polygon.js'
export { SVG } from 'leaflet/src/layer/vector/SVG.js'
export { Scale } from 'leaflet/src/control/Control.Scale.js'

// Leaflet's own chooses between SVG and a canvas, and brings both: here each shape says what draws it
Map.include({ getRenderer: ({ options }: { options: { renderer: unknown } }) => options.renderer })
