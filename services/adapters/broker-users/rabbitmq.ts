/**
 * The users of devices at RabbitMQ, through its management API. A device may use its own topics and the queue of its own
 * client id, nothing else. Tilth's users carry its tag there; any other user stays as it is.
 */
import { deviceKinds, serverKinds } from '../../../broker/contract/topics.ts'
import { fail } from '../../errors.ts'
import type { BrokerUser, BrokerUsers } from '../../ports/broker-users.ts'

export interface RabbitAddress {
  /** https://HOST:PORT of the management API of each node, any of which serves */
  urls: readonly string[]
  userName: string
  password: string
  /** of this Tilth, since several may share one RabbitMQ */
  tag: string
}

interface RabbitUser {
  name: string
  password_hash: string
  tags: string[]
}
interface Permission {
  user: string
  configure: string
  write: string
  read: string
}
type TopicPermission = Omit<Permission, 'configure'> & { exchange: string }

const VHOST = '/'
const EXCHANGE = 'amq.topic'
const HASHING = 'rabbit_password_hashing_sha256'
// sessions of the secret before may be open
const ROTATED = 'rotated'
const WITHIN_MS = 5_000

/** Its calls reject with BUS_UNAVAILABLE; an error holds no secret. */
export function rabbitUsers({ urls, userName, password, tag }: RabbitAddress): BrokerUsers {
  const authorization = `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`

  let inUse = 0

  /** A request to the node in use, and to each other one when a node does not take it. */
  async function call<T>(method: string, path: string, body?: unknown): Promise<T | null> {
    for (let tries = 1; ; tries++)
      try {
        return await callNode<T>(urls[inUse]!, { method, path, body })
      } catch (error) {
        inUse = (inUse + 1) % urls.length
        if (tries === urls.length) throw error
      }
  }

  async function callNode<T>(
    url: string,
    { method, path, body }: { method: string; path: string; body: unknown },
  ): Promise<T | null> {
    let response: Response
    try {
      response = await fetch(`${url}/api/${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(WITHIN_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (response.status === 404) return null
      if (response.ok) return response.status === 200 ? ((await response.json()) as T) : null
    } catch (cause) {
      const { message, cause: reason } = cause as Error
      fail('BUS_UNAVAILABLE', `the users of ${url}: ${(reason as Error | undefined)?.message ?? message}`)
    }
    return fail('BUS_UNAVAILABLE', `the users of ${url}: it answers ${method} with ${response.status}`)
  }

  /** The users with these names that exist there. */
  async function existing(ids: readonly string[]): Promise<RabbitUser[]> {
    if (ids.length === 1) {
      const user = await call<RabbitUser>('GET', `users/${encodeURIComponent(ids[0]!)}`)
      return user === null ? [] : [user]
    }
    const wanted = new Set(ids)
    return ((await call<RabbitUser[]>('GET', 'users')) ?? []).filter(({ name }) => wanted.has(name))
  }

  const isOurs = ({ tags }: RabbitUser): boolean => tags.includes(tag)
  const remove = (id: string) => call('DELETE', `users/${encodeURIComponent(id)}`)

  /** The tags that the user gets. A session with a void secret ends. */
  async function tagsOf(
    { id, hash, isRotated }: BrokerUser,
    before: RabbitUser | undefined,
  ): Promise<string> {
    const mayHaveOlder = before?.tags.includes(ROTATED) === true
    if (before === undefined) return tag
    if (before.password_hash === hash) return mayHaveOlder ? `${tag},${ROTATED}` : tag
    // after the first rotation the session of the secret before may stay; without one it is of other hardware
    if (isRotated && !mayHaveOlder) return `${tag},${ROTATED}`
    await remove(id)
    return tag
  }

  return {
    async put(users) {
      const found = new Map((await existing(users.map(({ id }) => id))).map((user) => [user.name, user]))
      const others = [...found.values()].filter((user) => !isOurs(user)).map(({ name }) => name)
      const own = users.filter(({ id }) => !others.includes(id))
      const tags = new Map<string, string>()
      for (const user of own) tags.set(user.id, await tagsOf(user, found.get(user.id)))
      if (own.length > 0) await call('POST', 'definitions', definitionsOf(own, tags))
      return others
    },
    async remove(ids) {
      for (const { name } of (await existing(ids)).filter(isOurs)) await remove(name)
    },
    async list() {
      const [users, permissions, topics] = await Promise.all([
        call<RabbitUser[]>('GET', 'users'),
        call<Permission[]>('GET', 'permissions'),
        call<TopicPermission[]>('GET', 'topic-permissions'),
      ])
      const permissionOf = new Map(permissions?.map((permission) => [permission.user, permission]))
      const topicsOf = new Map(topics?.map((topic) => [topic.user, topic]))
      return (users ?? [])
        .filter(({ tags }) => tags.includes(tag))
        .map(({ name, password_hash: hash }) => ({
          id: name,
          hash,
          org: orgOf(name, permissionOf.get(name), topicsOf.get(name)),
        }))
    },
  }
}

/** What one request sets: users, permissions and topic permissions. */
const definitionsOf = (users: readonly BrokerUser[], tags: ReadonlyMap<string, string>) => ({
  users: users.map(({ id, hash }) => ({
    name: id,
    password_hash: hash,
    hashing_algorithm: HASHING,
    tags: tags.get(id),
  })),
  permissions: users.map(({ id }) => ({ vhost: VHOST, ...permissionOf(id) })),
  topic_permissions: users.map(({ id, org }) => ({ vhost: VHOST, ...topicPermissionOf(id, org) })),
})

/** Names of organisations and devices hold no character with a meaning in a regular expression. */
function permissionOf(id: string): Permission {
  const queue = `mqtt-subscription-${id}qos[01]`
  const use = `^(amq\\.topic|${queue})$`
  return { user: id, configure: `^${queue}$`, write: use, read: use }
}

const topicPermissionOf = (id: string, org: string): TopicPermission => ({
  user: id,
  exchange: EXCHANGE,
  write: topicsOf(org, id, deviceKinds),
  read: topicsOf(org, id, serverKinds),
})

const topicsOf = (org: string, id: string, kinds: readonly string[]): string =>
  `^tilth\\.v1\\.${org}\\.${id}\\.(${kinds.join('|')})$`

/** The organisation whose rights the user has, exactly; null for any others. */
function orgOf(
  id: string,
  permission: Permission | undefined,
  topic: TopicPermission | undefined,
): string | null {
  const [, org] = /^\^tilth\\\.v1\\\.([A-Za-z0-9_-]+)\\\./.exec(topic?.write ?? '') ?? []
  if (org === undefined) return null
  const has = (actual: object | undefined, wanted: object) =>
    Object.entries(wanted).every(([key, value]) => (actual as Record<string, unknown>)?.[key] === value)
  return has(permission, permissionOf(id)) && has(topic, topicPermissionOf(id, org)) ? org : null
}
