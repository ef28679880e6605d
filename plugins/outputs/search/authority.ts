import { once } from 'node:events';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { NotReady } from './readiness.js';

/**
 * The certificate of the authority that has this SHA-256 fingerprint, as PEM, from what one of the nodes sends along. The connection that fetches it
 * is trusted with nothing: whoever answers can show the right authority, but only a server that it signed gets through the checks of the connections
 * that are made with it. @throws with what was found where no node shows it: NotReady where one at least was asked.
 */
export async function authorityWith(fingerprint: string, nodes: readonly string[], timeoutMs: number): Promise<string> {
  const wanted = fingerprint.replaceAll(':', '').toUpperCase();
  const failures: string[] = [];
  let shown = false;
  for (const node of nodes) {
    try {
      const certificate = (await chainOf(new URL(node), timeoutMs)).find(
        ({ fingerprint256 }) => fingerprint256.replaceAll(':', '') === wanted,
      );
      if (certificate !== undefined) return pem(certificate.raw);
      shown = true;
      failures.push(`${node} does not show an authority with that ca_fingerprint`);
    } catch (error) {
      failures.push(`${node}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw shown ? new NotReady(failures.join('; ')) : new Error(failures.join('; '));
}

/** The certificates that a server shows, its own first. */
async function chainOf({ hostname, port }: URL, timeoutMs: number): Promise<DetailedPeerCertificate[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...(isName(host) ? { servername: host } : {}) });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(timeoutMs) });
    const chain: DetailedPeerCertificate[] = [];
    let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    while (next?.raw !== undefined && !chain.includes(next)) {
      chain.push(next);
      next = next.issuerCertificate;
    }
    return chain;
  } finally {
    socket.destroy();
  }
}

/** Names go into the handshake, addresses may not (RFC 6066, 3). */
function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && !host.includes(':');
}

/** RFC 7468. */
function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
