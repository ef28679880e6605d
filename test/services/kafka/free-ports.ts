import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what operating systems give to outgoing connections: while the broker is down, a client that keeps trying could be given
 * the broker's own port to call from, and would then talk to itself and hold the port.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;

/** As many different ports of 127.0.0.1, chosen at random, on which nothing listens now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
