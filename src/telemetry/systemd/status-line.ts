import type { AgentView } from '../view.js';

/** What the line is made of. Times are milliseconds since the epoch. */
export interface Situation {
  readonly records: number;
  readonly perSecond: number;
  readonly outputs: readonly Pick<AgentView['outputs'][number], 'name' | 'queued' | 'failing'>[];
  /** The agent stands still with work to do. */
  readonly still: boolean;
  /** The last reload was refused: the file on disk is not what runs. */
  readonly refused: boolean;
  readonly now: number;
}

/** The line that `systemctl status` shows: what went through, and what is in difficulty. Numbers and names of the configuration only, never log text. */
export function statusLine({ records, perSecond, outputs, still, refused, now }: Situation): string {
  const difficulties = outputs.flatMap(({ name, queued, failing }) =>
    failing === null ? [] : [`output ${name} has been failing for ${duration(now - failing.since)}, ${count(queued, 'record')} waiting`],
  );
  if (still) difficulties.push('nothing moves although there is work');
  if (refused) difficulties.push('the last reload was refused, see the log');
  return [`${count(records, 'record')}, ${number(perSecond)}/s`, ...difficulties].join('; ');
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function count(value: number, what: string): string {
  return `${number(value)} ${what}${value === 1 ? '' : 's'}`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
