// Creates ready-made documents, one a line of a file, by the bulk helper of OpenSearch's client. Usage: bulk-helper URL DATA_STREAM FILE CONCURRENCY
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Client } from '@opensearch-project/opensearch';

const [node = '', index = '', file = '', concurrency = '4'] = process.argv.slice(2);
const client = new Client({ node });

/** The helper wants objects, but sends a text as it is: to parse and write it anew would be no work of its own. */
async function* documents(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) yield line;
}

const stats = await client.helpers.bulk<string>({
  datasource: documents(),
  onDocument: () => ({ create: { _index: index } }),
  flushBytes: 5_242_880,
  concurrency: Number(concurrency),
  onDrop: ({ error }) => console.error(error),
});
if (stats.failed > 0) throw new Error(`${stats.failed} documents were not taken`);
await client.close();
