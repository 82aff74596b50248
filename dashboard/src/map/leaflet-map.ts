/** The map: fields drawn by Leaflet, labels that do not cover one another, and background tiles when configured. */
import { mount, unmount } from 'svelte'
import {
  Control,
  DivIcon,
  LatLngBounds,
  LayerGroup,
  Map as LeafletMap,
  Marker,
  Polygon,
  SVG,
  TileLayer,
  type LatLngTuple,
} from 'leaflet'
import MapLabel from './MapLabel.svelte'
import { placeLabels } from './place-labels.ts'
import type { Box, DrawnField, FieldMapHandle, Point } from './types.ts'
import './leaflet.css'

const PIN =
  '<svg viewBox="0 0 40 48" aria-hidden="true"><path d="M20 46C8 30 4 24 4 17a16 16 0 0 1 32 0c0 7-4 13-16 29Z"/><circle cx="20" cy="17" r="6"/></svg>'

const MAX_NAMES = 60
const MOST_REM_PX = 19.2
const MAX_ZOOM = 20
const FIELD_ZOOM = 17 // one field with its surroundings

/** Creates a map in an element. `onField` receives the field that was tapped, `onTap` the point of the map. */
export function createFieldMap(
  node: HTMLElement,
  onField: (id: string) => void,
  onTap: (at: Point) => void = () => {},
): FieldMapHandle {
  const map = new LeafletMap(node, {
    zoomControl: false,
    attributionControl: false,
    zoomSnap: 0.25,
    maxZoom: MAX_ZOOM,
    // no animation: a moving map is hard to tap
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
  })
  map.setView([0, 0], 2)
  new Control.Scale({ imperial: false, maxWidth: 140, position: 'bottomleft' }).addTo(map)
  const renderer = new SVG().addTo(map)
  const outlines = new LayerGroup().addTo(map)
  const labels = new LayerGroup().addTo(map)
  let mounted: Record<string, unknown>[] = []
  let fields: readonly DrawnField[] = []
  let drawnShownId: string | null = null
  let pictures: TileLayer | null = null
  let pinned: Marker | null = null
  map.on('click', ({ latlng }: { latlng: { lat: number; lng: number } }) => {
    if (!isMoved) onTap([latlng.lat, latlng.lng])
  })

  const removeLabels = (): void => {
    for (const label of mounted) void unmount(label)
    mounted = []
    labels.clearLayers()
  }
  const drawLabels = (): void => {
    removeLabels()
    const view = map.getBounds().pad(0.1)
    const visible = fields.filter(({ at }) => view.contains(latLng(at)))
    // with very many fields a few names do not help
    if (visible.length > MAX_NAMES && visible[0]!.status === null) return
    // as --text-chart: a label has a fixed height
    const remPx = Math.min(MOST_REM_PX, parseFloat(getComputedStyle(document.documentElement).fontSize))
    const { x: mapWidth, y: bottom } = map.getSize()
    const placements = placeLabels(
      visible.map((field) => ({ ...field, ...map.latLngToContainerPoint(latLng(field.at)) })),
      { view: { left: 0, top: 0, right: mapWidth, bottom }, taken: buttonBoxes(node), remPx },
    )
    for (const [index, placement] of placements) {
      const field = visible[index]!
      const html = document.createElement('div')
      mounted.push(mount(MapLabel, { target: html, props: { field, placement } }))
      const icon = new DivIcon({ html, className: '', iconSize: [0, 0] })
      new Marker(latLng(field.at), { icon, interactive: false, keyboard: false }).addTo(labels)
    }
  }
  map.on('moveend', drawLabels)

  // a drag of the map is not a tap on the label
  let isMoved = false
  const press = (): void => void (isMoved = false)
  const click = (event: Event): void => {
    if (isMoved) event.preventDefault()
  }
  map.on('dragstart', () => (isMoved = true))
  node.addEventListener('pointerdown', press, true)
  node.addEventListener('click', click, true)

  const boundsOf = (list: readonly DrawnField[]): LatLngBounds =>
    new LatLngBounds(list.flatMap(({ shape }) => polygonsOf(shape).flat(2)))
  // what the view was fitted to, until a person moves it
  let fitted: { id: string | null } | null = null
  let isFitting = false
  const fit = (id: string | null): void => {
    const field = fields.find((field) => field.id === id)
    const bounds = boundsOf(field ? [field] : fields)
    if (!bounds.isValid()) return
    isFitting = true
    map.fitBounds(bounds, { padding: [24, 24], maxZoom: field ? FIELD_ZOOM : MAX_ZOOM - 2 })
    isFitting = false
    fitted = { id }
  }
  map.on('movestart zoomstart', () => {
    if (!isFitting) fitted = null
  })
  // the size changes with the window, when the map is shown again, and when the phone is turned
  const resize = new ResizeObserver(() => {
    map.invalidateSize({ pan: false })
    if (fitted && map.getSize().x > 0) fit(fitted.id)
  })
  resize.observe(node)

  return {
    draw(newFields, shownId) {
      // most updates do not change the map, and redrawing would remove a label under a finger
      const isSame =
        newFields.length === fields.length && newFields.every((field, i) => isSameDrawing(field, fields[i]!))
      if (isSame && shownId === drawnShownId) return
      fields = newFields
      drawnShownId = shownId
      outlines.clearLayers()
      for (const { id, shape, look, opacity: fillOpacity } of newFields) {
        const className = `map-field ${look}${id === shownId ? ' is-shown' : ''}`
        new Polygon(polygonsOf(shape), { className, fillOpacity, renderer })
          .on('click', () => onField(id))
          .addTo(outlines)
      }
      drawLabels()
    },
    setTiles(tiles) {
      pictures?.remove()
      pictures = null
      if (tiles === null) return
      // many tile servers require the site in the referrer
      pictures = new TileLayer(tiles.url, { maxZoom: MAX_ZOOM, maxNativeZoom: 18, referrerPolicy: 'origin' })
      pictures.addTo(map)
    },
    fit,
    pin(point) {
      pinned?.remove()
      pinned = null
      if (point === null) return
      // the tip of the pin is the point
      const icon = new DivIcon({ html: PIN, className: 'map-pin', iconSize: [40, 48], iconAnchor: [20, 46] })
      pinned = new Marker([...point], { icon, interactive: false, keyboard: false })
      pinned.addTo(map)
    },
    centre: (point) => void map.setView([...point], FIELD_ZOOM),
    zoomBy: (steps) => void map.setZoom(map.getZoom() + steps),
    close() {
      resize.disconnect()
      node.removeEventListener('pointerdown', press, true)
      node.removeEventListener('click', click, true)
      removeLabels()
      map.remove()
    },
  }
}

const isSameDrawing = (a: DrawnField, b: DrawnField): boolean =>
  (['id', 'look', 'opacity', 'title', 'name', 'word', 'shape'] as const).every((part) => a[part] === b[part])

/** The buttons and the scale over the map. */
function buttonBoxes(node: HTMLElement): Box[] {
  const { left, top } = node.getBoundingClientRect()
  return [...node.parentElement!.querySelectorAll('[data-over-map], .leaflet-control-scale')].map(
    (element) => {
      const box = element.getBoundingClientRect()
      return { left: box.left - left, right: box.right - left, top: box.top - top, bottom: box.bottom - top }
    },
  )
}

const latLng = ([lonDeg, latDeg]: readonly [number, number]): LatLngTuple => [latDeg, lonDeg]
const polygonsOf = (shape: DrawnField['shape']): LatLngTuple[][][] =>
  (shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates).map((rings) =>
    rings.map((ring) => ring.map(latLng)),
  )
