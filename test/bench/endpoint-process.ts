// An endpoint of `endpoints.ts` in a process of its own, so that what it does is not taken for work of whoever asks it: tells its address, and the number
// of its requests for every message that it gets.
// Usage: endpoint-process NAME
import { ENDPOINTS, started } from './endpoints.js';

const endpoint = ENDPOINTS.find(({ name }) => name === process.argv[2]);
if (endpoint === undefined) throw new Error(`no endpoint ${process.argv[2]}`);
const { server, close } = await started(endpoint);
process.on('message', () => process.send?.(server.requests.length));
process.once('disconnect', () => void close());
process.send?.(server.baseUrl);
