/** Integrations: the networks from which devices of other makes come. */
import Type, { type Static } from 'typebox'
import { integrationProblems } from '../../ports/integrations.ts'
import { integrationKinds } from '../../tables.ts'
import {
  AtMs,
  Form,
  Id,
  Name,
  NonBlankLine,
  Num,
  OneOf,
  OrNull,
  Text,
} from '../http/validation/schema-primitives.ts'

const Kind = OneOf(...integrationKinds)
const Url = Type.String({
  pattern: '^(mqtts?|https?)://[^\\s/@?#]{1,200}(/[^\\s@?#]{0,200})?$',
  maxLength: 400,
  description: 'their broker (mqtt, mqtts) or their HTTP address; user and password are not part of it',
})
const UserName = NonBlankLine(200)
const Secret = NonBlankLine(256)
const Topics = Type.Array(NonBlankLine(200), { minItems: 1, maxItems: 32 })

/** What Home Assistant gets from Tilth at its broker. */
const HomeAssistant = Form({
  base: Type.String({
    pattern: '^[A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40})?$',
    description: 'of the topics of Tilth; two installations at one broker need different ones',
  }),
  mayOpenValves: Type.Boolean(),
})

/** POST /api/integrations. Without `url` its devices come to Tilth, with credentials that the response shows once. */
export const NewIntegration = Form({
  name: Name,
  kind: Kind,
  farmId: Type.Optional(OrNull(Id)),
  url: Type.Optional(OrNull(Url)),
  userName: Type.Optional(OrNull(UserName)),
  secret: Type.Optional(OrNull(Secret)),
  topics: Type.Optional(OrNull(Topics)),
  homeAssistant: Type.Optional(OrNull(HomeAssistant)),
})

/** PATCH /api/integrations/:id. A secret that is left out stays. */
export const IntegrationPatch = Form(
  {
    name: Type.Optional(Name),
    state: Type.Optional(OneOf('on', 'off')),
    url: Type.Optional(Url),
    userName: Type.Optional(OrNull(UserName)),
    secret: Type.Optional(OrNull(Secret)),
    topics: Type.Optional(OrNull(Topics)),
    homeAssistant: Type.Optional(OrNull(HomeAssistant)),
  },
  { minProperties: 1 },
)

/** How its devices reach Tilth: at their broker, at ours, by HTTP to us, or asked by us. */
export const IntegrationWay = OneOf('listen', 'gateway', 'push', 'poll')
export type IntegrationWay = Static<typeof IntegrationWay>

export const IntegrationView = Type.Object({
  id: Id,
  name: Text,
  kind: Kind,
  way: IntegrationWay,
  farmId: OrNull(Id),
  url: OrNull(Text),
  userName: OrNull(Text),
  hasSecret: Type.Boolean(), // the secret itself is never shown
  topics: OrNull(Type.Array(Text)),
  homeAssistant: OrNull(HomeAssistant), // what is published to it; null: nothing
  status: OneOf('off', 'revoked', 'failed', 'waiting', 'connected', 'receiving'),
  problem: OrNull(OneOf(...integrationProblems)), // while the connection fails
  messages: Num, // received since it was added
  lastMessageMs: OrNull(AtMs),
  devices: Num, // assigned from it
  createdAtMs: AtMs,
})
export type IntegrationView = Static<typeof IntegrationView>

/** GET /api/integrations. `ports`: of Tilth's own broker for devices in the network; null: none is open to them. */
export const IntegrationList = Type.Object({
  integrations: Type.Array(IntegrationView),
  ports: Type.Object({ mqtt: OrNull(Num), mqttTls: OrNull(Num) }),
})
export type IntegrationList = Static<typeof IntegrationList>

/** Shown once: with what its devices sign in. `secret` null: Tilth signs in at their broker. */
export const IntegrationCredentials = Type.Object({ id: Id, org: Text, secret: OrNull(Text) })
export type IntegrationCredentials = Static<typeof IntegrationCredentials>
