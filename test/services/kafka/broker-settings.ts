import type { Certificate } from '../../stages/llm/certificate.js';

/** What the settings of one node are made from. */
export interface Node {
  readonly data: string;
  readonly ports: { readonly plain: number; readonly secure: number; readonly controller: number };
  readonly user: string;
  readonly password: string;
  readonly certificate: Certificate;
}

const LOGIN = 'org.apache.kafka.common.security';

/** The settings of a node that is broker and controller, with two listeners for clients; what must be other than Kafka's default, and why. */
export function brokerSettings({ data, ports, user, password, certificate }: Node): Readonly<Record<string, string>> {
  const controller = `127.0.0.1:${ports.controller}`;
  const listeners = `PLAIN://127.0.0.1:${ports.plain},SECURE://127.0.0.1:${ports.secure}`;
  return {
    'node.id': '1',
    'process.roles': 'broker,controller',
    'log.dirs': data,
    listeners: `${listeners},CONTROLLER://${controller}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAIN',
    'controller.listener.names': 'CONTROLLER',
    // Unlike a quorum that is written into the storage, it lets a node of a kept folder come back on other ports.
    'controller.quorum.voters': `1@${controller}`,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,PLAIN',
    'listener.name.secure.scram-sha-256.sasl.jaas.config': `${LOGIN}.scram.ScramLoginModule required;`,
    'listener.name.secure.plain.sasl.jaas.config': `${LOGIN}.plain.PlainLoginModule required user_${user}="${password}";`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.key': certificate.key,
    'ssl.keystore.certificate.chain': `${certificate.cert.trimEnd()}\n${certificate.ca}`,
    // There is one broker.
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // Fifty each would be made, and read back after each kill.
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.num.partitions': '4',
    // For each, 128 MB of the heap.
    'log.cleaner.dedupe.buffer.size': '8388608',
    // Tests need not wait for what is made for many consumers that start together, or for networks.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'group.consumer.min.session.timeout.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '100',
    // After a start, the controller takes the broker back only when the session of the one before is over: nine seconds by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // A topic that is missing is a fault to be seen.
    'auto.create.topics.enable': 'false',
  };
}

/** A file of Java properties, as `java.util.Properties.load` reads it. */
export function javaProperties(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '')}\n`)
    .join('');
}
