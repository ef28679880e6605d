import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { ExecutionContext } from 'ava';

/** Node.js has no unix datagram sockets. It ends with the process that started it. */
const LISTENER = `
import json, os, socket, sys, threading
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print('{}', flush=True)
while True:
    lines = listener.recv(65536).decode().splitlines()
    print(json.dumps(dict(line.split('=', 1) for line in lines)), flush=True)
`;

export type Message = Readonly<Record<string, string>>;

/** What systemd listens on, and what was said to it. */
export class NotifySocket {
  readonly messages: Message[] = [];

  private constructor(
    readonly path: string,
    readonly lines: Interface,
    readonly listener: ChildProcess,
  ) {}

  static async open(t: ExecutionContext): Promise<NotifySocket> {
    const folder = mkdtempSync(join(tmpdir(), 'trilog-notify-'));
    const path = join(folder, 'socket');
    const listener = spawn('python3', ['-c', LISTENER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.teardown(() => {
      listener.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    const lines = createInterface({ input: listener.stdout });
    await once(lines, 'line');
    const socket = new NotifySocket(path, lines, listener);
    lines.on('line', (line) => {
      const message: Message = JSON.parse(line);
      // By this one systemd-notify finds out that it has been read.
      if (!('BARRIER' in message)) socket.messages.push(message);
    });
    return socket;
  }

  /** The first message from `since` on that is so. */
  async until(isIt: (message: Message) => boolean, since = 0): Promise<Message> {
    for (;;) {
      const found = this.messages.slice(since).find(isIt);
      if (found !== undefined) return found;
      await once(this.lines, 'line');
    }
  }
}
