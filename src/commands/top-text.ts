import { harmless } from '../record/profiles/pretty.js';
import { behind, bytes, duration, number, percent, rate } from '../telemetry/page/quantities.js';
import { columns } from './columns.js';
import type { Status } from './top-status.js';

/** What an agent said, and when, in milliseconds on any clock. */
export interface Look {
  readonly at: number;
  readonly status: Status;
}

/** A label has a row if it is one of so many. */
const LABELS = 12;

type Counted = { readonly name: string; readonly counts: Readonly<Record<string, number>> };

/** The table of `trilog top`, in lines. @param before an earlier look, for rates; null where there is none. */
export function topLines({ at, status }: Look, before: Look | null): string[] {
  const seconds = before === null ? 0 : (at - before.at) / 1000;
  const perSecond = (count: number, earlier: number | undefined): string =>
    rate(seconds <= 0 || earlier === undefined || count < earlier ? null : (count - earlier) / seconds);
  const records = (one: Counted, others: readonly Counted[] | undefined): string => {
    const earlier = others?.find(({ name }) => name === one.name);
    return perSecond(one.counts['records'] ?? 0, earlier === undefined ? undefined : (earlier.counts['records'] ?? 0));
  };
  const { inputs, outputs } = status;
  const text = [
    `trilog ${status.version}  ${status.state}  up ${duration(status.up_seconds)}  ${number(status.records)} records  ${perSecond(status.records, before?.status.records)}  in flight ${bytes(status.in_flight_bytes)} of ${bytes(status.in_flight_limit_bytes)}`,
    '',
    columns([
      ['INPUT', 'TYPE', 'RATE', 'RECORDS', 'BEHIND', 'NEWEST STORED'],
      ...inputs.map((input) => [
        input.name,
        input.type,
        records(input, before?.status.inputs),
        number(input.counts['records'] ?? 0),
        input.lag === null ? '–' : behind(input.lag),
        input.behind_seconds === null ? '–' : `${duration(input.behind_seconds)} ago`,
      ]),
    ]),
    '',
    columns([
      ['OUTPUT', 'TYPE', 'RATE', 'STORED', 'WAITING', 'RETRIES', 'DEAD'],
      ...outputs.map((output) => [
        output.name,
        output.type,
        records(output, before?.status.outputs),
        number(output.counts['records'] ?? 0),
        number(output.queued_records),
        number(output.counts['retries'] ?? 0),
        number(output.counts['dead_letters'] ?? 0),
      ]),
    ]),
    ...outputs.flatMap(({ name, failing }) =>
      failing === null ? [] : [`  ${name} has failed for ${duration(failing.for_seconds)}: ${failing.reason.replaceAll('\n', ' ')}`],
    ),
    '',
    shares('STAGE', status.stages, before?.status.stages, perSecond),
    '',
    shares('LABEL', Object.fromEntries(Object.entries(status.labels).slice(0, LABELS)), before?.status.labels, perSecond, status.records),
  ];
  // Names and reasons must not steer the terminal.
  return text.flatMap((part) => part.split('\n').map(harmless));
}

function shares(
  title: string,
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>> | undefined,
  perSecond: (count: number, earlier: number | undefined) => string,
  all = Object.values(now).reduce((sum, count) => sum + count, 0),
): string {
  return columns([
    [title, 'RATE', 'RECORDS', 'SHARE'],
    ...Object.entries(now).map(([name, count]) => [
      name,
      perSecond(count, before === undefined ? undefined : (before[name] ?? 0)),
      number(count),
      all === 0 ? '–' : percent(count / all),
    ]),
  ]);
}

/** A picture for a terminal of this size: what does not fit is left out, and what was there before is overwritten. */
export function drawn(lines: readonly string[], rows: number, width: number): string {
  const shown = lines.slice(0, Math.max(1, rows - 1)).map((line) => `${line.slice(0, width)}\x1b[K\n`);
  return `\x1b[H${shown.join('')}\x1b[J`;
}

/** Another first line for what was {@link drawn}. */
export function overwritten(line: string, width: number): string {
  return `\x1b[H${line.slice(0, width)}\x1b[K`;
}
