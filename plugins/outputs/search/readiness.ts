import { member, refusal } from './answer.js';
import type { Engine, SearchClient, SearchResponse } from './client.js';
import type { Target } from './config.js';

/** What keeps a server from taking documents: it heals when somebody puts it right, so it ends the start, but nothing later. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

/**
 * Makes sure that the server is of this kind and has what documents are written to: the data stream (it is made where an index template says
 * so) and the pipeline. What the credentials may not see is taken to be there. @throws NotReady with what is wrong and what to do, or an error of the connection.
 */
export async function makeReady(
  client: SearchClient,
  engine: Engine,
  target: Target,
  pipeline: string | null,
  signal: AbortSignal,
): Promise<void> {
  await checkServer(client, engine, signal);
  if (target.kind === 'data_stream') await checkDataStream(client, engine, target.name, signal);
  if (pipeline !== null) await checkPipeline(client, pipeline, signal);
}

async function checkServer(client: SearchClient, engine: Engine, signal: AbortSignal): Promise<void> {
  const answer = await client.request({ method: 'GET', path: '/', signal });
  refuseUnlessUp(answer);
  // Credentials that may only write documents cannot see it, and some servers do not show it.
  if (answer.status === 403 || answer.status === 405) return;
  if (answer.status !== 200) throw new NotReady(refusal(answer.status, answer.body));
  const version = member(parsed(answer), 'version');
  const opensearch = member(version, 'distribution') === 'opensearch';
  if (member(version, 'number') === undefined) throw new NotReady('what answers there is no search server');
  if (engine === 'opensearch' && !opensearch)
    throw new NotReady('the server is not OpenSearch; for Elasticsearch write `type: elasticsearch`');
  // OpenSearch behind a proxy that passes it off as Elasticsearch may be meant: the client has checked already.
}

async function checkDataStream(client: SearchClient, engine: Engine, name: string, signal: AbortSignal): Promise<void> {
  const path = `/_data_stream/${encodeURIComponent(name)}`;
  const found = await client.request({ method: 'GET', path, signal });
  refuseUnlessUp(found);
  if (found.status !== 404) return;
  // Without it the first document would make a plain index of that name, with a mapping that the server guesses.
  const made = await client.request({ method: 'PUT', path, signal });
  refuseUnlessUp(made);
  if (made.status === 200 || made.status === 403) return;
  if (refusal(made.status, made.body).includes('resource_already_exists_exception')) return;
  throw new NotReady(
    `there is no data stream ${name}, and none can be made: ${refusal(made.status, made.body)}. \`trilog setup ${engine} -c FILE --apply\` installs what it needs`,
  );
}

async function checkPipeline(client: SearchClient, name: string, signal: AbortSignal): Promise<void> {
  const found = await client.request({ method: 'GET', path: `/_ingest/pipeline/${encodeURIComponent(name)}`, signal });
  refuseUnlessUp(found);
  if (found.status === 404) throw new NotReady(`there is no ingest pipeline ${name}`);
}

/** Too much work, a node that starts: no verdict. */
function refuseUnlessUp({ status, body }: SearchResponse): void {
  if (status === 401) throw new NotReady(`the credentials are refused: ${refusal(status, body)}`);
  if (status === 408 || status === 429 || status >= 500) throw new Error(refusal(status, body));
}

function parsed({ body }: SearchResponse): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
