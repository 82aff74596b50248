/** The dependencies of the routes, and the Fastify instance type. */
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
import type { Bus, Clock, Logger, SeriesStore, State } from '../../ports.ts'
import type { Forecast } from '../../ports/forecast.ts'
import type { HttpsCertificates } from '../../ports/https-certificates.ts'
import type { IntegrationConnections, PushIntake } from '../../ports/integrations.ts'
import type { Journal } from '../../ports/journal.ts'
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

/** HTTPS on a port of its own; the plain port then serves devices, and leads people to it. */
export interface HttpsSettings {
  port: number // 0: any free port
  certificates: HttpsCertificates
}

export interface ApiSettings {
  host: string
  port: number // 0: any free port
  dashboardDir: string | null // the built dashboard; may be missing while developing; null: it is served by other nodes
  /** an engine does what needs its journal or its connections */
  isPagesOnly?: boolean
  publicUrl?: string | null // https address behind a proxy, or of HTTPS here
  https?: HttpsSettings | null // default: plain HTTP only
  trustedProxy?: string[] // proxies that may set the client address; default none
  limits?: HttpLimits // default: the standard limits
  requestTimeoutMs?: number // to receive a request whole, its headers included; default 30 s
  speed: number // of the farm's clock
  demo: boolean
  mapTiles?: MapTiles | null // background tiles of the map; default none
  supportPhone?: string | null // support contact for people who cannot sign in
  authSecret: string
  /** heartbeat interval of an idle controller, ms of the farm's clock; default 10 s of wall time */
  heartbeatMs?: number
  /** the MQTT endpoint on this host for a claiming device, local or remote; null: at another broker */
  mqttEndpoints?: (isLocal: boolean) => MqttEndpoints | null
}

/** The intervals of the command protocol scale with the farm's clock. */
export const heartbeatMsOf = ({ heartbeatMs, speed }: ApiSettings): number =>
  heartbeatMs ?? standardTiming.heartbeatIdleMs * speed

/** The services of other modules are added by ports/. */
export interface ApiDeps {
  state: State
  /** Removes the bytes of deleted rows from the files of the state store. */
  rewriteState(): Promise<void>
  series: SeriesStore
  bus: Bus
  journal: Journal
  clock: Clock
  log: Logger
  settings: ApiSettings
  credentials: { hashSecret(secret: string): string; newSecret(): string }
  /**
   * A device has new credentials, or its old ones are no longer valid: its connection must end. Resolves when an external
   * broker has them. Other changes go over the bus.
   */
  onDeviceChanged(id: string): void | Promise<void>
  isReady(): Promise<{ ok: boolean; parts: Record<string, boolean> }>
  /** absent, as connections are, in a test of the API alone */
  pushes?: PushIntake
  /** absent in a test of the API alone */
  connections?: Pick<IntegrationConnections, 'isConnected' | 'statusOf'>
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
    /** Set for every route whose need is not 'public'. */
    caller: Caller
  }
  interface FastifyContextConfig {
    needs?: Need
    /** a limit in addition to the general ones: by address, or by person when signed in */
    limit?: HttpLimitName
    /** a limit by address and by the account (`email`) in the body */
    limitAccount?: HttpLimitName
  }
}
