/** What every route may use, and the Fastify instance as the routes see it. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Registry } from 'prom-client'
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { MapTiles } from '../../config/settings.ts'
import type { Bus, Clock, Forecast, Journal, Logger, SeriesStore, State } from '../../ports.ts'
import type { Caller } from './caller.ts'
import type { EventHub } from './event-stream.ts'
import type { HttpLimitName, HttpLimits } from './limits.ts'
import type { Need } from './permissions.ts'

/** The MQTT endpoints on the host of the API; null: not reachable from another machine. */
export interface MqttEndpoints {
  port: number | null // without TLS
  tlsPort: number | null
  webSocketPath: string | null // on the HTTP port
}

export interface ApiSettings {
  host: string
  port: number // 0: any free one
  dashboardDir: string // the built dashboard; may be missing while developing
  publicUrl?: string | null // https address when behind a proxy
  trustedProxy?: string[] // addresses that may say whom they speak for; none unless said
  limits?: HttpLimits // the standard ones unless said
  speed: number // of the farm's clock
  demo: boolean
  mapTiles?: MapTiles | null // the background of the map; none unless said
  supportPhone?: string | null // whom to call who cannot sign in
  authSecret: string
  /** how often an idle controller speaks, ms of the farm's clock; default 10 s of the wall's */
  heartbeatMs?: number
  /** where a device that claims can speak MQTT on this host, from it or from elsewhere; null: at another broker */
  mqttEndpoints?: (isLocal: boolean) => MqttEndpoints | null
}

/** The intervals of the command protocol are stretched with the farm's clock. */
export const heartbeatMsOf = ({ heartbeatMs, speed }: ApiSettings): number =>
  heartbeatMs ?? standardTiming.heartbeatIdleMs * speed

/** The services of other modules are added by ports/. */
export interface ApiDeps {
  state: State
  series: SeriesStore
  bus: Bus
  journal: Journal
  clock: Clock
  log: Logger
  settings: ApiSettings
  credentials: { hashSecret(secret: string): string; newSecret(): string }
  /** A device's credentials hold no longer: its connection must end. Other changes are told on the bus. */
  onDeviceChanged(id: string): void
  isReady(): Promise<{ ok: boolean; parts: Record<string, boolean> }>
  forecast?: Forecast
  metrics?: Registry
}

/** auth/ adds the accounts. */
export interface Context extends ApiDeps {
  events: EventHub
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route that needs more than 'public'. */
    caller: Caller
  }
  interface FastifyContextConfig {
    needs?: Need
    /** a limit of its own, besides those that hold for every route: by address, or by the person where one is signed in */
    limit?: HttpLimitName
    /** a limit by address and by the account (`email`) that the body names */
    limitAccount?: HttpLimitName
  }
}
