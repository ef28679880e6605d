import { z } from 'zod';
import { MAX_TIMER_MS } from '../../../src/config/timers.js';
import { PROFILES } from '../../../src/record/profiles/profile.js';
import { address } from '../../forward/address.js';
import { tagProblem } from './tag.js';

const file = z.string().min(1);
const globs = z.array(z.string().min(1)).min(1);

const tls = z.union([
  z.boolean(),
  z.strictObject({
    ca_file: file.optional().describe('PEM file of the authorities that sign the certificates of the servers, in place of the usual ones'),
    certificate_file: file.optional().describe('PEM file of the certificate that is shown to the servers'),
    key_file: file.optional().describe('PEM file of its key'),
    key_password: z.string().min(1).optional().describe('of the key; keep it in the environment, and name that here'),
    server_name: z
      .string()
      .min(1)
      .optional()
      .describe('the name that the certificate of each server must have; else the host it is reached by'),
  }),
]);

export const forwardOutputConfig = z
  .strictObject({
    servers: z
      .array(address)
      .min(1)
      .describe('where to send, as `host:port`: the first that can be reached takes everything, the others stand by in their order'),
    tag: z
      .string()
      .min(1)
      .max(255)
      .default('openstack')
      .describe('tag of the records; may hold `{service}`, `{host}`, `{label}` and `{level}`'),
    tag_values: z
      .strictObject({ service: globs.optional(), host: globs.optional(), label: globs.optional() })
      .default({})
      .describe(
        'globs of what may stand for `{service}`, `{host}` and `{label}` in the tag, as lists; what none of them takes becomes `other`. Needed for a service and a host: log lines name them',
      ),
    profile: z.enum(PROFILES).default('ecs').describe('form of the records: `ecs`, `otel`, or `kolla` as kolla-ansible names things'),
    compression: z.enum(['none', 'gzip']).default('none').describe('`gzip` sends CompressedPackedForward'),
    require_ack: z
      .boolean()
      .default(true)
      .describe(
        'whether records count as stored only when the server has acknowledged them; without, what is on its way when a connection breaks is lost',
      ),
    ack_timeout_ms: z
      .int()
      .min(100)
      .max(MAX_TIMER_MS)
      .default(60_000)
      .describe('a server that has not acknowledged for so long is taken for dead; its records go to the next'),
    connect_timeout_ms: z.int().min(100).max(MAX_TIMER_MS).default(5000).describe('how long a connection, with its handshakes, may take'),
    return_after_ms: z
      .int()
      .min(0)
      .max(MAX_TIMER_MS)
      .default(60_000)
      .describe('so long after a failure the servers before the one in use are tried again'),
    chunk_bytes: z
      .int()
      .min(1024)
      .max(67_108_864)
      .default(1_048_576)
      .describe('records of a message, before compression; only a single record is longer'),
    shared_key: z.string().min(1).optional().describe('of the servers; keep it in the environment, and name that here'),
    username: z.string().min(1).optional().describe('with `shared_key`, where the servers know users'),
    password: z.string().min(1).optional().describe('keep it in the environment, and name that here'),
    hostname: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe("the name by which the servers know this client; default: this machine's name"),
    tls: tls
      .default(false)
      .describe('TLS 1.2 or newer: `true`, or an object of `ca_file`, `certificate_file`, `key_file`, `key_password`, `server_name`'),
  })
  .check(({ value, issues }) => {
    const problem = problemOf(value) ?? tagProblem(value.tag, value.tag_values);
    if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
  });

interface Related {
  readonly shared_key?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls: z.output<typeof tls>;
}

function problemOf({ shared_key, username, password, tls: keys }: Related): string | null {
  if ((username === undefined) !== (password === undefined)) return 'username and password belong together';
  if (username !== undefined && shared_key === undefined) return 'username without shared_key: the handshake begins with the key';
  if (typeof keys === 'boolean') return null;
  if ((keys.certificate_file === undefined) !== (keys.key_file === undefined)) return 'tls: certificate_file and key_file belong together';
  return null;
}

export type ForwardOutputConfig = z.output<typeof forwardOutputConfig>;
