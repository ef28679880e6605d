import { setTimeout as sleep } from 'node:timers/promises';
import type { SearchServer } from './search-server.js';

/** An index that has just been made cannot be asked for some moments. */
const NOT_YET = 'all shards failed';
const TRIES = 100;

/** What is asked of the server by its plain API. @throws where it answers with an error. */
export async function ask(server: Pick<SearchServer, 'url'>, method: string, path: string, body?: object): Promise<unknown> {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  for (let tries = 1; ; tries++) {
    const response = await fetch(server.url + path, { method, ...json });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    if (tries === TRIES || !text.includes(NOT_YET)) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 1000)}`);
    await sleep(100);
  }
}

/** How many documents an index or data stream shows after a refresh; 0 where it is not there. */
export async function count(server: SearchServer, name: string): Promise<number> {
  await ask(server, 'POST', `/${name}/_refresh?ignore_unavailable=true`);
  return ((await ask(server, 'GET', `/${name}/_count?ignore_unavailable=true`)) as { count: number }).count;
}

interface Page {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _source: unknown }[] };
}

/** Every document with its id, in no order. */
export async function* everyDocument(server: SearchServer, name: string, fields: readonly string[]) {
  const first = { size: 10_000, sort: ['_doc'], _source: fields };
  let page = (await ask(server, 'POST', `/${name}/_search?scroll=2m`, first)) as Page;
  while (page.hits.hits.length > 0) {
    for (const { _id, _source } of page.hits.hits) yield { id: _id, source: _source };
    page = (await ask(server, 'POST', '/_search/scroll', { scroll: '2m', scroll_id: page._scroll_id })) as Page;
  }
}
