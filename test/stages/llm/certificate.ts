import { generate } from 'selfsigned';

/** Of the certificate that a server of a test shows. */
export interface CertificateOptions {
  /** Host names and IPv4 addresses that it is valid for; by default `localhost` and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Until when; by default for a day. */
  readonly notAfter?: Date;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The authority that signed it and that nobody trusts who was not told to, in PEM. */
  readonly ca: string;
}

const DAY_MS = 86_400_000;

/** A certificate made now by an authority made now. */
export async function makeCertificate({ names = ['localhost', '127.0.0.1'], notAfter }: CertificateOptions = {}): Promise<Certificate> {
  const authority = await generate([{ name: 'commonName', value: 'Authority of a test' }], {
    ...validity(new Date(Date.now() + 3 * DAY_MS)),
    ...{ keyType: 'ec', algorithm: 'sha256' },
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const { private: key, cert } = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    ...validity(notAfter ?? new Date(Date.now() + DAY_MS)),
    ...{ keyType: 'ec', algorithm: 'sha256', ca: { key: authority.private, cert: authority.cert } },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (/^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  return { key, cert, ca: authority.cert };
}

/** Two days up to this time: long begun even where it is over. */
function validity(notAfterDate: Date): { notBeforeDate: Date; notAfterDate: Date } {
  return { notBeforeDate: new Date(Math.min(Date.now(), notAfterDate.getTime()) - 2 * DAY_MS), notAfterDate };
}
