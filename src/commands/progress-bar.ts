import { SingleBar } from 'cli-progress';

/** A bar on standard error that goes away at its end; null where nobody watches, or there is nothing to do. @param unit of `total`. */
export function progressBar(total: number, unit: string): SingleBar | null {
  if (process.stderr.isTTY !== true || total === 0) return null;
  const bar = new SingleBar({
    format: `{bar} {percentage} %  {value}/{total} ${unit}  {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return bar;
}
