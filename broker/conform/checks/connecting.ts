/** How the controller connects, and its first messages. */
import { parseOnline, parseState } from '../../contract/messages.ts'
import { topicOf, type ServerKind } from '../../contract/topics.ts'
import { mayLeaveWill } from '../../access/authorize.ts'
import type { Trial } from '../trial.ts'
import { ruleFailed, check } from '../verdict.ts'

export const connecting: readonly Trial[] = [
  {
    rule: 'connect',
    requirement:
      'the controller connects with a clean session, a keepalive of 10 to 300 s, and its id as client id and user name',
    async run(bench) {
      bench.ownBroker()
      const { clean, keepaliveS, clientId, userName } = bench.view.connect!
      check(clean, 'clean session 0', 'clean session 1: the broker keeps nothing for it')
      check(keepaliveS >= 10 && keepaliveS <= 300, `keepalive ${keepaliveS} s`, '10 to 300 s')
      check(clientId === bench.device && userName === bench.device, `client id ${clientId}`, bench.device)
    },
  },
  {
    rule: 'will',
    requirement:
      'its will on online, retained, reports the controller offline, with the session of the connection',
    async run(bench) {
      bench.ownBroker()
      const { will } = bench.view.connect!
      if (will === null) throw ruleFailed('no will', 'a will on online')
      const party = { kind: 'device', org: bench.org, device: bench.device } as const
      const permission = mayLeaveWill(party, will)
      if (!permission.ok) throw ruleFailed(permission.error, 'a will on online, QoS 1, retained')
      const online = parseOnline(will.payload)
      if (!online.ok) throw ruleFailed(online.error, '{"on":0,"sess":...}')
      const { on, sess } = online.value
      check(on === 0 && sess === bench.view.sess, `on ${on}, sess ${sess}`, `on 0, sess ${bench.view.sess}`)
    },
  },
  {
    rule: 'subscribe',
    requirement:
      'it subscribes to command (QoS 1), lease and config, and nothing else, before it publishes online',
    async run(bench) {
      bench.ownBroker()
      const subscriptions = bench.view.subscriptions
      for (const kind of ['command', 'lease', 'config'] as ServerKind[]) {
        const topic = topicOf(bench.org, bench.device, kind)
        const ownSubscription = subscriptions.find(({ filter }) => filter === topic)
        if (!ownSubscription) throw ruleFailed(`no subscription to ${kind}`, topic)
        check(
          ownSubscription.isBeforeOnline,
          `${kind} is subscribed after online`,
          'before online: otherwise the first messages are lost',
        )
        check(
          kind === 'lease' || ownSubscription.qos >= 1,
          `${kind} with QoS ${ownSubscription.qos}`,
          'QoS 1',
        )
      }
      check(
        subscriptions.length === 3,
        `${subscriptions.map(({ filter }) => filter).join(', ')}`,
        'three topics of its own',
      )
    },
  },
  {
    rule: 'hello',
    requirement:
      'after connecting it publishes online, then its state, then heartbeats, all with one session',
    async run(bench) {
      bench.ownBroker()
      const { hello, sess } = bench.view
      if (hello === null) throw ruleFailed('no online with on 1', 'online first')
      const first = hello.kinds
        .filter((kind) => kind !== 'telemetry' && kind !== 'ack')
        .slice(0, 3)
        .join(', ')
      check(first === 'online, state, heartbeat', first, 'online, state, heartbeat')
      check(hello.sess === sess, `online of ${hello.sess}, heartbeats of ${sess}`, 'one session')
    },
  },
  {
    rule: 'state-kept',
    requirement: 'its newest state is retained: a later subscriber receives it at once',
    async run(bench) {
      const retained = await bench.wire.retained('state')
      if (retained === null) throw ruleFailed('no retained state', 'the newest state, retained')
      const state = parseState(retained)
      if (!state.ok) throw ruleFailed(state.error, 'a state that matches its schema')
      const { sess, sv } = state.value
      const isNewest = sess === bench.view.sess && sv >= bench.view.state!.sv
      check(isNewest, `sess ${sess}, sv ${sv}`, `sess ${bench.view.sess}, sv ${bench.view.state!.sv}`)
    },
  },
]
