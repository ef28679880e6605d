import { z } from 'zod';
import { lineKeys } from '../../../src/config/line-keys.js';
import { MAX_TIMER_MS } from '../../../src/config/timers.js';
import { address } from '../../forward/address.js';

const file = z.string().min(1);

const tls = z.strictObject({
  certificate_file: file.describe('PEM file of the certificate that is shown to senders, with the chain'),
  key_file: file.describe('PEM file of its key'),
  key_password: z.string().min(1).optional().describe('of the key; keep it in the environment, and name that here'),
  ca_file: file.optional().describe('PEM file of authorities: senders must show a certificate that one of them signed'),
});

const user = z.strictObject({
  username: z.string().min(1).max(255),
  password: z.string().min(1).describe('keep it in the environment, and name that here'),
});

/** The keys of the `forward` input. */
export const config = z
  .strictObject({
    listen: address
      .default('127.0.0.1:24224')
      .describe('Where to listen, as `host:port`; an IPv6 address in brackets. Beyond the loopback use `tls` and `shared_key`.'),
    shared_key: z
      .string()
      .min(1)
      .optional()
      .describe('Senders must know it (the handshake of the protocol). Keep it in the environment, and name that here.'),
    users: z.array(user).min(1).optional().describe('With `shared_key`: senders must log in as one of them, `username` and `password`.'),
    hostname: z.string().min(1).max(255).optional().describe("The name that senders are told. Default: this machine's name."),
    tls: tls
      .optional()
      .describe('TLS 1.2 or newer: `certificate_file`, `key_file`, `key_password`, and `ca_file` where senders must show one, too.'),
    format: lineKeys.format,
    timezone: lineKeys.timezone,
    host: lineKeys.host,
    program: lineKeys.program,
    max_connections: z.int().min(1).max(65_536).default(512).describe('Connections at a time; further ones are closed at once.'),
    max_message_bytes: z
      .int()
      .min(65_536)
      .max(536_870_912)
      .default(33_554_432)
      .describe('A sender of a longer message is cut off; a chunk of Fluentd has 8 MB by default, one of Fluent Bit 2 MB.'),
    max_decompressed_bytes: z
      .int()
      .min(65_536)
      .max(1_073_741_824)
      .default(134_217_728)
      .describe('A compressed chunk that holds more is not taken, and its sender is cut off.'),
    max_line_bytes: z.int().min(16).default(1_048_576).describe('Longer lines are cut here, and their records marked as cut.'),
    buffer_bytes: z
      .int()
      .min(65_536)
      .default(33_554_432)
      .describe(
        'Messages held for the pipeline, and again as much for those that are only coming in. When there are more, senders have to wait.',
      ),
    stall_timeout_ms: z
      .int()
      .min(100)
      .max(MAX_TIMER_MS)
      .default(30_000)
      .describe('A sender that stops in the middle of a message, or of the handshake, for so long is cut off.'),
    idle_timeout_ms: z
      .int()
      .min(0)
      .max(MAX_TIMER_MS)
      .default(0)
      .describe('A connection on which nothing came for so long, and nothing waits for an acknowledgement, is closed; 0 for never.'),
    udp_heartbeat: z.boolean().default(false).describe('Answer heartbeats over UDP on the same port (`heartbeat_type udp` of Fluentd).'),
  })
  .check(({ value, issues }) => {
    if (value.users !== undefined && value.shared_key === undefined)
      issues.push({ code: 'custom', message: 'users without shared_key: the handshake begins with the key', input: value });
  });

export type ForwardInputConfig = z.output<typeof config>;
