import type { Rejection } from '../plugin/contract.js';

/** What became of records that were written together. */
export interface Attribution {
  /** Why a record was refused again; by its place among those that were written. */
  readonly refused: ReadonlyMap<number, string>;
  /** Rejections of which cannot be told whom they mean: then any of the others may be the one. */
  readonly unknown: readonly Rejection[];
}

/**
 * Finds the records that rejections are about: by id, or for documents without one by the message. Where several fit all of them are taken to be
 * refused: a letter that is kept too long is sent again, one that is taken for sent is lost.
 */
export function attribute(
  written: readonly { readonly id: string; readonly message: string }[],
  rejections: readonly Rejection[],
): Attribution {
  const refused = new Map<number, string>();
  const unknown: Rejection[] = [];
  if (rejections.length === 0) return { refused, unknown };
  const byId = placesBy(written, ({ id }) => id);
  const byMessage = placesBy(written, ({ message }) => message);
  for (const rejection of rejections) {
    const { id, message } = namesIn(rejection.document);
    const places = (id === null ? undefined : byId.get(id)) ?? (message === null ? undefined : byMessage.get(message));
    if (places === undefined) unknown.push(rejection);
    for (const place of places ?? []) refused.set(place, rejection.reason);
  }
  return { refused, unknown };
}

function placesBy<T>(items: readonly T[], name: (item: T) => string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [i, item] of items.entries()) {
    const found = places.get(name(item));
    if (found === undefined) places.set(name(item), [i]);
    else found.push(i);
  }
  return places;
}

function namesIn(document: string): { id: string | null; message: string | null } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    return { id: null, message: document };
  }
  if (typeof parsed !== 'object' || parsed === null) return { id: null, message: document };
  const event = 'event' in parsed && typeof parsed.event === 'object' ? parsed.event : null;
  const id = event !== null && 'id' in event && typeof event.id === 'string' ? event.id : null;
  return { id, message: 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : null };
}
