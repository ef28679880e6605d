import type { Change } from '../../plugins/outputs/search/setup/diff.js';
import { changeLine } from '../../plugins/outputs/search/setup/diff.js';
import type { Plan, Step } from '../../plugins/outputs/search/setup/look.js';
import type { Piece, PieceKind } from '../../plugins/outputs/search/setup/pieces.js';
import { harmless } from '../record/profiles/pretty.js';

const KIND_NAMES: Readonly<Record<PieceKind, string>> = {
  ilm_policy: 'lifecycle policy',
  ism_policy: 'state management policy',
  component_template: 'component template',
  index_template: 'index template',
  data_stream: 'data stream',
};

/** Requests as the consoles of Kibana and OpenSearch Dashboards take them. */
export function requestsText(pieces: readonly Piece[]): string {
  return pieces.map(({ path, body }) => `PUT ${path.slice(1)}\n${body === null ? '' : `${JSON.stringify(body, null, 2)}\n`}`).join('\n');
}

/** The same as one JSON document: a list of what to `PUT` where. */
export function requestsJson(pieces: readonly Piece[]): string {
  return `${JSON.stringify(
    pieces.map(({ kind, name, path, body }) => ({ kind, name, method: 'PUT', path, body })),
    null,
    2,
  )}\n`;
}

/** What differs from the server, for people: a line a piece, and one for each value. What the server has may be anybody's text. */
export function planText({ steps, notes }: Plan): string {
  const lines = [...notes.map((note) => `note: ${note}`), ...steps.flatMap(stepLines)];
  if (steps.every(({ state }) => state === 'same')) lines.push('nothing to do');
  return lines.map((line) => `${harmless(line)}\n`).join('');
}

const STATES: Readonly<Record<Step['state'], string>> = {
  missing: 'to be made',
  same: 'as wanted',
  different: 'to be changed',
  foreign: 'is there, and trilog did not make it; --force replaces it',
};

function stepLines({ piece, state, changes }: Step): string[] {
  const mark = { missing: '+', same: ' ', different: '~', foreign: '!' }[state];
  const head = `${mark} ${KIND_NAMES[piece.kind]} ${piece.name}: ${STATES[state]}`;
  return [head, ...changes.map((change: Change) => `    ${changeLine(change)}`)];
}

export function planJson({ steps, notes }: Plan): string {
  const rows = steps.map(({ piece: { kind, name, path }, state, changes }) => ({ kind, name, path, state, changes }));
  return `${JSON.stringify({ steps: rows, notes }, null, 2)}\n`;
}
