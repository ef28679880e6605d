import { readFileSync } from 'node:fs';
import type { Page, Pages } from '../http.js';
import { ICON, STYLE } from './style.js';

/** What the page loads, all of it from here. */
export function assets(): Pages {
  const live = readFileSync(new URL('./live.js', import.meta.url), 'utf8');
  return {
    '/style.css': () => file('text/css', STYLE),
    '/live.js': () => file('text/javascript', live),
    '/icon.svg': () => file('image/svg+xml', ICON),
  };
}

function file(type: string, body: string): Page {
  return { status: 200, type: `${type}; charset=utf-8`, body };
}
