// The parts of Leaflet that the map uses, instead of its whole package: no popups, tooltips, pictures over the map or canvas.
// A handler of the map adds itself when its module is loaded.
import { Scale } from 'leaflet/src/control/Control.Scale'
import { LayerGroup } from 'leaflet/src/layer/LayerGroup'
import { DivIcon } from 'leaflet/src/layer/marker/DivIcon'
import { Marker } from 'leaflet/src/layer/marker/Marker'
import { TileLayer } from 'leaflet/src/layer/tile/TileLayer'
import { Polygon } from 'leaflet/src/layer/vector/Polygon'
import { SVG } from 'leaflet/src/layer/vector/SVG'
import { Map } from 'leaflet/src/map/Map'
import 'leaflet/src/map/handler/Map.BoxZoom'
import 'leaflet/src/map/handler/Map.DoubleClickZoom'
import 'leaflet/src/map/handler/Map.Drag'
import 'leaflet/src/map/handler/Map.Keyboard'
import 'leaflet/src/map/handler/Map.ScrollWheelZoom'
import 'leaflet/src/map/handler/Map.TouchZoom'
import { LatLngBounds } from 'leaflet/src/geo/LatLngBounds'

// Leaflet's own also makes a canvas; here each outline names its renderer
Map.include({ getRenderer: (layer) => layer.options.renderer })

const Control = { Scale }
export { Control, DivIcon, LatLngBounds, LayerGroup, Map, Marker, Polygon, SVG, TileLayer }
