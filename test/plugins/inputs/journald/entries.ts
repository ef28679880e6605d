/** A line of `journalctl --output=json`, with the fields that every entry has. */
export function journalLine(number: number, fields: Readonly<Record<string, unknown>>): string {
  const micros = 1_772_446_272_123_456 + number * 1000;
  return JSON.stringify({
    _HOSTNAME: 'compute01',
    __CURSOR: cursorOf(number),
    __REALTIME_TIMESTAMP: String(micros),
    __MONOTONIC_TIMESTAMP: String(1_000_000 + number),
    _BOOT_ID: '11111111111111111111111111111111',
    _TRANSPORT: 'journal',
    PRIORITY: '6',
    ...fields,
  });
}

/** The time of that entry, in milliseconds since the epoch. */
export function timeOf(number: number): number {
  return 1_772_446_272_123 + number;
}

export function cursorOf(number: number): string {
  return `s=a;i=${number.toString(16)};b=1;m=${number};t=${number};x=${number}`;
}
