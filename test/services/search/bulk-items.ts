/** One item of a bulk: its action, and the lines that carry it. */
export interface BulkItem {
  readonly action: 'create' | 'index' | 'update' | 'delete';
  readonly index: string | null;
  readonly id: string | null;
  readonly lines: readonly string[];
}

const ACTIONS = ['create', 'index', 'update', 'delete'] as const;

/** The items of a bulk's body. @throws where it is none. */
export function bulkItems(body: string): BulkItem[] {
  const lines = body.split('\n').filter((line) => line !== '');
  const items: BulkItem[] = [];
  for (let i = 0; i < lines.length; ) {
    const head = lines[i] ?? '';
    const parsed: Record<string, { _index?: string; _id?: string } | undefined> = JSON.parse(head);
    const action = ACTIONS.find((name) => parsed[name] !== undefined);
    if (action === undefined) throw new Error(`no action of a bulk: ${head.slice(0, 100)}`);
    const length = action === 'delete' ? 1 : 2;
    items.push({ action, index: parsed[action]?._index ?? null, id: parsed[action]?._id ?? null, lines: lines.slice(i, i + length) });
    i += length;
  }
  return items;
}

/** A bulk without some of its items, and what makes a whole answer of the answer to the rest. */
export interface Thinned {
  readonly body: string;
  /** How many items were taken out. */
  readonly dropped: number;
  /** @param answer what the server said to the rest; null where there is no rest. */
  readonly complete: (answer: string | null) => string;
}

/** Takes out what `pick` says; to the client the server will seem to have answered them with this status. */
export function thin(body: string, pick: (position: number) => boolean, status: number): Thinned {
  const all = bulkItems(body).map((item, position) => ({ item, dropped: pick(position) }));
  const kept = all.filter(({ dropped }) => !dropped);
  return {
    body: kept.map(({ item }) => `${item.lines.join('\n')}\n`).join(''),
    dropped: all.length - kept.length,
    complete: (answer) => {
      const real: { took?: number; errors?: boolean; items?: unknown[] } = answer === null ? { took: 0, items: [] } : JSON.parse(answer);
      // An answer to the whole request, such as 400, stays what it is.
      if (real.items === undefined) return answer ?? '';
      const rest = real.items.values();
      const items = all.map(({ item, dropped }) => (dropped ? rejected(item, status) : rest.next().value));
      return JSON.stringify({ ...real, errors: real.errors === true || kept.length < all.length, items });
    },
  };
}

function rejected({ action, index, id }: BulkItem, status: number): unknown {
  const error = { type: 'es_rejected_execution_exception', reason: 'rejected by the proxy of a test' };
  return { [action]: { _index: index, _id: id, status, error } };
}
