import { chmod, copyFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TrilogError } from '../errors.js';
import { encodeHead } from '../stages/bert/head.js';
import { HEAD_FILE, MODEL_FILES, type ModelFolder, readModelFolder } from '../stages/bert/model-folder.js';
import type { Taxonomy } from '../stages/taxonomy.js';
import type { Taught, TeachOptions } from './teach.js';

/** The id of a model has a hash of its content: the version need not tell two trainings apart. */
const VERSION = '1';

/** Says before minutes of work that a folder cannot be written. @throws TrilogError `USAGE` where something is there already. */
export async function requireFree(folder: string): Promise<void> {
  const found = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new TrilogError('USAGE', cause.message, { cause });
  });
  if (found.length > 0) throw new TrilogError('USAGE', `${folder}: it is not empty; name another folder, or remove it`);
}

/**
 * Writes a model folder: the base's graph and tokenizer, and the new layer. It appears whole or not at all.
 * @throws TrilogError `USAGE` where it cannot be written.
 */
export async function writeModel(
  folder: string,
  name: string,
  base: ModelFolder,
  taught: Taught,
  options: TeachOptions,
  taxonomy: Taxonomy,
): Promise<ModelFolder> {
  const made = await mkdtemp(`${resolve(folder)}.new-`).catch(refuse);
  try {
    for (const file of MODEL_FILES) if (file !== 'model.json') await copyFile(join(base.path, file), join(made, file));
    await writeFile(join(made, HEAD_FILE), encodeHead(taught.head));
    await writeFile(join(made, 'model.json'), `${JSON.stringify(describe(name, base, taught, options), null, 2)}\n`);
    readModelFolder(made, taxonomy);
    // A temporary folder is only its owner's; the agent may run as somebody else.
    await chmod(made, 0o777 & ~process.umask());
    await rename(made, folder);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    return refuse(cause);
  }
  return readModelFolder(folder, taxonomy);
}

function refuse(cause: unknown): never {
  if (cause instanceof TrilogError || (cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
  throw new TrilogError('USAGE', (cause as Error).message, { cause });
}

function describe(name: string, base: ModelFolder, taught: Taught, { seed, holdout }: TeachOptions): object {
  const { labels, temperature, minConfidence, head, l2, fitted, held } = taught;
  return {
    ...{ name, version: VERSION, labels, temperature, min_confidence: minConfidence, max_tokens: base.maxTokens },
    head: { pooled: head.pooled, logits: head.logits },
    // For people: where the layer is from.
    taught: { base: base.id, examples: fitted + held, held_out: held, l2, seed, holdout },
  };
}
