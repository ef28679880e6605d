const VALUES = [
  ...[
    '7',
    '0.53',
    'compute-03',
    '10.0.4.17',
    'net0',
    '/var/lib/nova/instances/x',
    'True',
    'None',
    'ACTIVE',
    '{}',
    '[]',
    "{'id': 3, 'name': 'a b'}",
  ],
  ...['8a1f3c52-77de-4c1b-9d0e-0a1b2c3d4e5f', 'req-4c1b-9d0e', 'tenant network', 'could not connect to peer: timed out'],
];

/** Placeholders of `%`-formatting and of str.format get a value each, by the seed. */
export function filledTemplate(template: string, seed: number): string {
  let n = seed;
  const value = () => VALUES[(n++ * 7) % VALUES.length] ?? '';
  const percent = /%(?:\(\w+\))?[-#0+]*\d*(?:\.\d+)?[sdrifxXoegc]/g;
  const filled = percent.test(template) ? template.replace(percent, value) : template.replace(/\{[^{}\n]*\}/g, value);
  return filled.replaceAll('%%', '%');
}
