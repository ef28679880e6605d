import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { seeded } from '../../src/training/random.js';

/** How a statement fills its variables. */
interface Variables {
  readonly uuid: () => string;
  readonly int: (below: number) => number;
  readonly ip: () => string;
}

type Statement = readonly [weight: number, level: string, logger: string, instance: boolean, text: (v: Variables) => string];

/** What a busy compute and control plane says, by how often. */
const STATEMENTS: readonly Statement[] = [
  [
    24,
    'INFO',
    'nova.osapi_compute.wsgi.server',
    false,
    (v) => `${v.ip()} "GET /v2.1/servers/${v.uuid()} HTTP/1.1" status: 200  len: ${v.int(9000)} time: 0.${v.int(9999999)}`,
  ],
  [
    4,
    'INFO',
    'nova.osapi_compute.wsgi.server',
    false,
    (v) => `${v.ip()} "GET /v2.1/servers/${v.uuid()} HTTP/1.1" status: 404  len: 302 time: 0.${v.int(9999999)}`,
  ],
  [6, 'INFO', 'nova.api.openstack.wsgi', false, (v) => `HTTP exception thrown: Instance ${v.uuid()} could not be found.`],
  [8, 'INFO', 'nova.compute.manager', true, (v) => `Took ${v.int(40)}.${v.int(99)} seconds to build instance.`],
  [8, 'INFO', 'nova.compute.manager', true, () => 'VM Started (Lifecycle Event)'],
  [8, 'INFO', 'nova.compute.manager', true, () => 'VM Paused (Lifecycle Event)'],
  [6, 'INFO', 'nova.compute.manager', true, (v) => `Took ${v.int(9)}.${v.int(99)} seconds to destroy the instance on the hypervisor.`],
  [6, 'INFO', 'nova.compute.manager', true, () => 'Terminating instance'],
  [5, 'INFO', 'nova.virt.libvirt.driver', true, () => 'Instance destroyed successfully.'],
  [5, 'INFO', 'nova.virt.libvirt.driver', true, (v) => `Deleting instance files /var/lib/nova/instances/${v.uuid()}_del`],
  [5, 'INFO', 'nova.virt.libvirt.driver', true, () => 'Creating image(s)'],
  [4, 'INFO', 'nova.compute.claims', true, (v) => `Claim successful on node compute${v.int(99)}.example.org`],
  [
    6,
    'INFO',
    'nova.compute.resource_tracker',
    false,
    (v) =>
      `Final resource view: name=compute${v.int(99)} phys_ram=257677MB used_ram=${v.int(200000)}MB phys_disk=1799GB used_disk=${v.int(1700)}GB total_vcpus=64 used_vcpus=${v.int(64)} pci_stats=[]`,
  ],
  [5, 'INFO', 'nova.virt.libvirt.imagecache', false, (v) => `image ${v.uuid()} at (/var/lib/nova/instances/_base/${v.uuid()}): checking`],
  [
    3,
    'WARNING',
    'nova.compute.manager',
    true,
    () => 'Received unexpected event network-vif-unplugged for instance with vm_state active and task_state None.',
  ],
  [
    2,
    'ERROR',
    'nova.compute.manager',
    true,
    (v) =>
      `Instance failed to spawn: nova.exception.PortBindingFailed: Binding failed for port ${v.uuid()}, please check neutron logs for more information.`,
  ],
  [2, 'INFO', 'nova.filters', false, (v) => `Filter RamFilter returned ${v.int(2)} hosts`],
  [
    8,
    'INFO',
    'neutron.wsgi',
    false,
    (v) => `${v.ip()} "GET /v2.0/ports?device_id=${v.uuid()} HTTP/1.1" status: 200  len: ${v.int(4000)} time: 0.${v.int(9999999)}`,
  ],
  [
    5,
    'INFO',
    'neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent',
    false,
    (v) =>
      `Port ${v.uuid()} updated. Details: {'profile': {}, 'network_id': '${v.uuid()}', 'segmentation_id': ${v.int(4094)}, 'device': '${v.uuid()}'}`,
  ],
  [
    4,
    'INFO',
    'neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent',
    false,
    (v) => `Assigning ${v.int(4094)} as local vlan for net-id=${v.uuid()}`,
  ],
  [4, 'INFO', 'neutron.agent.dhcp.agent', false, (v) => `Finished network ${v.uuid()} dhcp configuration`],
  [
    3,
    'INFO',
    'neutron.agent.l3.agent',
    false,
    (v) => `Finished a router update for ${v.uuid()}, update_id ${v.uuid()}. Time elapsed: ${v.int(9)}.${v.int(999)}`,
  ],
  [
    3,
    'WARNING',
    'neutron.plugins.ml2.drivers.mech_agent',
    false,
    (v) => `Refusing to bind port ${v.uuid()} to dead agent: {'id': '${v.uuid()}'}`,
  ],
  [
    2,
    'ERROR',
    'neutron.plugins.ml2.managers',
    false,
    (v) => `Failed to bind port ${v.uuid()} on host compute${v.int(99)} for vnic_type normal using segments []`,
  ],
  [3, 'INFO', 'cinder.volume.api', false, () => 'Get all volumes completed successfully.'],
  [3, 'INFO', 'cinder.volume.flows.manager.create_volume', false, (v) => `Volume volume-${v.uuid()} (${v.uuid()}): created successfully`],
  [3, 'INFO', 'cinder.api.openstack.wsgi', false, (v) => `GET http://${v.ip()}:8776/v3/${v.uuid()}/volumes/detail`],
  [
    1,
    'ERROR',
    'cinder.volume.manager',
    false,
    (v) => `Driver initialize connection failed (error: Unable to reach portal ${v.ip()}:3260).`,
  ],
  [
    5,
    'INFO',
    'eventlet.wsgi.server',
    false,
    (v) => `${v.ip()} - - [02/Mar/2026 10:11:12] "GET /v2/images/${v.uuid()} HTTP/1.1" 200 ${v.int(3000)} 0.0${v.int(99999)}`,
  ],
  [3, 'WARNING', 'keystonemiddleware.auth_token', false, () => 'Authorization failed for token'],
  [2, 'WARNING', 'keystone.common.wsgi', false, (v) => `Could not find project: ${v.uuid()}.`],
  [
    4,
    'ERROR',
    'oslo.messaging._drivers.impl_rabbit',
    false,
    (v) => `[${v.uuid()}] AMQP server on ${v.ip()}:5672 is unreachable: [Errno 111] ECONNREFUSED. Trying again in ${v.int(30)} seconds.`,
  ],
  [
    2,
    'INFO',
    'oslo.messaging._drivers.impl_rabbit',
    false,
    (v) => `[${v.uuid()}] Reconnected to AMQP server on ${v.ip()}:5672 via [amqp] client with port ${v.int(60000)}.`,
  ],
  [1, 'WARNING', 'oslo_db.sqlalchemy.engines', false, (v) => `SQL connection failed. ${v.int(10)} attempts left.`],
  [1, 'INFO', 'heat.engine.stack', false, (v) => `Stack CREATE COMPLETE (stack-${v.int(999)}): Stack CREATE completed successfully`],
  [1, 'WARNING', 'example.site.local', false, (v) => `a statement that no rule knows, number ${v.int(1_000_000)}`],
];

/** Every logger of the file. */
export const LOGGERS: readonly string[] = [...new Set(STATEMENTS.map(([, , logger]) => logger))];

/** Loggers of threads that serve no request, and of periodic tasks, which run as the service itself. */
const NO_CONTEXT = /^(oslo|nova\.virt\.libvirt\.driver|neutron\.agent|eventlet)/;
const PERIODIC = /^(nova\.compute\.resource_tracker|nova\.virt\.libvirt\.imagecache|neutron\.plugins)/;

/** Yields `count` lines in oslo.log's format of today, without line ends. */
export function* osloLines(count: number, seed = 1): Generator<string> {
  const random = seeded(seed);
  const int = (below: number): number => Math.floor(random() * below);
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += int(0x10000).toString(16).padStart(4, '0');
    return text.slice(0, digits);
  };
  const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const variables: Variables = { uuid, int, ip: () => `10.${int(256)}.${int(256)}.${int(256)}` };
  // A cloud has many requests, but far fewer users.
  const users = Array.from({ length: 500 }, () => `${hex(32)} ${hex(32)} - - default default`);
  const context = (logger: string): string => {
    if (NO_CONTEXT.test(logger)) return '[-]';
    return `[None req-${uuid()} ${PERIODIC.test(logger) ? '- - - - - -' : users[int(users.length)]}]`;
  };
  const byWeight = STATEMENTS.flatMap((statement) => Array<Statement>(statement[0]).fill(statement));
  let time = Date.UTC(2026, 2, 2, 10, 11, 12);
  for (let i = 0; i < count; i++) {
    const statement = byWeight[Math.floor(random() * byWeight.length)];
    if (statement === undefined) return;
    const [, level, logger, withInstance, text] = statement;
    time += int(4);
    const stamp = new Date(time).toISOString().replace('T', ' ').slice(0, 23);
    yield `${stamp} ${7 + int(4)} ${level} ${logger} ${context(logger)} ${withInstance ? `[instance: ${uuid()}] ` : ''}${text(variables)}`;
  }
}

/** Writes `count` lines to a file. Returns its size in bytes. */
export async function writeOsloFile(path: string, count: number, seed = 1): Promise<number> {
  const file = createWriteStream(path);
  let bytes = 0;
  let text = '';
  for (const line of osloLines(count, seed)) {
    text += `${line}\n`;
    if (text.length < 262_144) continue;
    bytes += text.length;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await finished(file);
  return bytes + text.length;
}
