// An input of your own: reads what a command prints, such as `docker logs --follow nova_api`.
//
//   inputs:
//     api: { type: ./plugins/command-input.js, command: [docker, logs, --follow, nova_api] }
//
// A command cannot be read again, so this input promises less than the built-in ones: what was printed but not yet stored when the agent dies is lost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** @import { ComponentContext, Input, InputPlugin, LineBlock, Source } from 'trilog' */

const config = z.strictObject({
  command: z.array(z.string()).min(1).describe('program and arguments'),
  timezone: z.string().default('Etc/UTC').describe('IANA zone of timestamps that name none'),
});

/** @implements {Input} */
class CommandInput {
  /**
   * @param {z.output<typeof config>} keys
   * @param {ComponentContext} context
   */
  constructor({ command, timezone }, context) {
    const [program = ''] = command;
    this.command = command;
    /** @type {Source} */
    this.source = {
      id: `${context.name}-${process.pid}-${Date.now().toString(36)}`,
      input: context.name,
      name: command.join(' '),
      program,
      host: context.host,
      timezone,
      format: 'auto',
    };
  }

  async open() {}

  /**
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<LineBlock>}
   */
  async *read(signal) {
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child, 'spawn');
    const stop = () => child.kill();
    signal.addEventListener('abort', stop);
    let number = 0;
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        yield { source: this.source, lines: [line], offsets: [number], end: ++number, bytes: Buffer.byteLength(line) };
      }
      yield { source: this.source, lines: [], offsets: [], end: number, bytes: 0, last: true };
    } finally {
      signal.removeEventListener('abort', stop);
      child.kill();
    }
  }

  settled() {}

  async close() {}
}

/** @type {InputPlugin<z.output<typeof config>>} */
export const plugin = {
  kind: 'input',
  type: 'command',
  summary: 'Reads the lines that a command prints.',
  config,
  create: (keys, context) => new CommandInput(keys, context),
};
