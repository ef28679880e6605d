import type { Level } from '../../src/record/record.js';
import { seeded } from '../../src/training/random.js';

const SERVICES = [
  'nova.compute',
  'nova.virt.libvirt',
  'neutron.agent',
  'neutron.plugins.ml2',
  'cinder.volume',
  'glance.api',
  'keystone.auth',
];
const PARTS = ['manager', 'driver', 'api', 'rpc', 'client', 'scheduler', 'utils', 'wsgi', 'service', 'db.api', 'network', 'image'];
const VERBS = ['create', 'delete', 'attach', 'detach', 'resize', 'migrate', 'bind', 'update', 'allocate', 'release', 'connect', 'verify'];
const THINGS = ['instance', 'volume', 'port', 'network', 'image', 'snapshot', 'router', 'token', 'quota', 'host', 'aggregate', 'flavor'];
const REASONS = [
  'timed out',
  'was refused',
  'is not found',
  'already exists',
  'has no space left',
  'is in use',
  'is not allowed',
  'was lost',
];
const FRAMES = [
  (a: string) => `Failed to ${a}`,
  (a: string) => `Successfully did ${a}`,
  (a: string) => `Trying again to ${a} in 12 seconds`,
  (a: string) => `Unable to ${a} on host compute-03.example.org`,
  (a: string) => `Request req-8a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d to ${a} ended`,
];
const LEVELS: readonly Level[] = ['INFO', 'WARNING', 'ERROR'];

export interface Statement {
  readonly logger: string;
  readonly level: Level;
  readonly message: string;
}

/** Yields so many statements, each another than all others of this and every other seed, of about the length that real ones have. */
export function* distinctStatements(count: number, seed: number): Generator<Statement> {
  const random = seeded(seed + 1);
  const one = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  for (let i = 0; i < count; i++) {
    // Letters only: digits would be masked, and all be one template.
    const name = [...(seed * count + i).toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('');
    const action = `${one(VERBS)} ${one(THINGS)} 0c9d8e7f-6a5b-4c3d-8e2f-1a0b9c8d7e6f of ${name} ${one(THINGS)}`;
    const reason = random() < 0.7 ? `: the ${one(THINGS)} at 10.0.0.7 ${one(REASONS)}` : '';
    yield { logger: `${one(SERVICES)}.${one(PARTS)}`, level: one(LEVELS), message: `${one(FRAMES)(action)}${reason}` };
  }
}
