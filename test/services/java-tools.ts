import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** Fifty megabytes in a hundred files over a slow line. */
const FETCH_MS = 600_000;
const COMPILE_MS = 120_000;

/**
 * Fetches the jars of a pom.xml, and those that they need, into `lib`.
 * @param properties of the pom.xml, such as the version that it leaves open.
 * @throws with what is missing, where there is no Maven, or the jars cannot be had.
 */
export async function fetchJars(pom: string, properties: Readonly<Record<string, string>>, lib: string): Promise<void> {
  const defined = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  await tool('mvn', ['-q', '-B', '-f', pom, ...defined, COPY, `-DoutputDirectory=${lib}`], FETCH_MS);
}

/** @throws with what the compiler says, or that there is none. */
export async function compile(sources: readonly string[], lib: string, classes: string): Promise<void> {
  await tool('javac', ['-nowarn', '-d', classes, '-cp', join(lib, '*'), ...sources], COMPILE_MS);
}

/** Makes a jar of a folder of classes. @throws with what is missing. */
export async function pack(classes: string, jar: string): Promise<void> {
  await tool('jar', ['--create', '--file', jar, '-C', classes, '.'], COMPILE_MS);
}

async function tool(name: string, args: readonly string[], timeout: number): Promise<void> {
  try {
    await run(name, args, { timeout });
  } catch (cause) {
    throw new Error(`Maven and a JDK of 17 or newer are needed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
