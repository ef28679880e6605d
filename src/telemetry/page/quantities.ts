import type { Lag } from '../../plugin/contract.js';

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 as `1,234,567`. */
export function number(count: number): string {
  return WHOLE.format(count);
}

/** Per second, with three digits. */
export function rate(perSecond: number | null): string {
  return perSecond === null ? '–' : `${SHORT.format(perSecond)}/s`;
}

/** Bytes in powers of 1,000. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(count) / 3));
  return `${SHORT.format(count / 1000 ** power)} ${SIZES[power] ?? ''}`;
}

/** How much is not stored yet. */
export function behind({ unit, amount }: Lag): string {
  return unit === 'bytes' ? bytes(amount) : `${number(amount)} messages`;
}

/** A share of 0 to 1. What is there is never shown as nothing, nor what is not all as all. */
export function percent(share: number): string {
  const percents = share * 100;
  if (percents > 0 && percents < 0.1) return '<0.1 %';
  if (percents < 100 && percents > 99.9) return '>99.9 %';
  return `${percents.toFixed(percents === 0 || percents === 100 ? 0 : 1)} %`;
}

/** Seconds in the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`]))
    .join(' ');
}
