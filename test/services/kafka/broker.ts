import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Certificate, makeCertificate } from '../../stages/llm/certificate.js';
import { cached } from '../cache.js';
import { brokerSettings, javaProperties, type Node } from './broker-settings.js';
import { CommandLine } from './command-line.js';
import { freePorts } from './free-ports.js';
import { type Installation, installation } from './installation.js';

const START_MS = 120_000;
const STOP_MS = 30_000;
/** Of what the broker says, the last is kept for a message. */
const KEPT = 8000;
const ARCHIVE = 'classes.jsa';
const TRIES = 5;
/** Another process took a port between the choice and the use. */
const CLASH = 'Address already in use';

export interface BrokerOptions {
  /** Where its data are; made where it is not there. By default a temporary folder, which {@link Broker.stop} removes. */
  readonly folder?: string;
  /** Topics to be there when it is started for the first time, with their number of partitions. */
  readonly topics?: Readonly<Record<string, number>>;
  /** More of its settings, such as `auto.create.topics.enable`, which is `false` by default. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The most that its heap may take; by default 512. */
  readonly heapMegabytes?: number;
}

/** What the broker knows of a consumer group. */
export interface ConsumerGroup {
  /** As Kafka names it: `Stable`, `Empty`, `PreparingRebalance`, `Dead` … */
  readonly state: string;
  /** `instance` is empty where the membership is not static; `partitions` are `TOPIC-PARTITION`. */
  readonly members: readonly { readonly client: string; readonly instance: string; readonly partitions: readonly string[] }[];
  /** Committed, by topic and partition. */
  readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A record as it is read back: its partition, its offset, its key, its value. */
export type Row = readonly [partition: number, offset: number, key: string | null, value: string | null];

/** What became of records that are numbered from 0. */
export interface Numbered {
  readonly records: number;
  /** Numbers that are not there; the first of them are in `missing`. */
  readonly lost: number;
  readonly missing: readonly number[];
  /** Records whose number was there before. */
  readonly repeats: number;
  /** Numbers that are there under more than one id. */
  readonly otherIds: number;
  /** Records that are none of those that were sent. */
  readonly strangers: number;
}

/**
 * A real Apache Kafka of one node on the loopback, broker and controller. It ends with {@link stop}, and with this process whatever that dies of.
 * The ports, the folder and the credentials stay the same over {@link kill}, {@link start} and {@link restart}.
 */
export class Broker {
  readonly user: string = 'trilog';
  readonly password: string = 'known-to-a-test';
  readonly folder: string;
  /** One that begins with a dash is taken for an option. */
  readonly #clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').replace(/^-/, 'A');
  #ports: Node['ports'];
  #child: ChildProcess | null = null;
  #commands: CommandLine | null = null;
  #version: string;
  #said = '';

  private constructor(
    private readonly installed: Installation,
    private readonly certificate: Certificate,
    ports: Node['ports'],
    private readonly options: BrokerOptions,
    /** Of the JVM: what it does with the archive of loaded classes. */
    private readonly archive: string,
  ) {
    this.#ports = ports;
    this.#version = installed.version;
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'trilog-kafka-'));
  }

  /** Resolves when it serves, and its topics are there. @throws with the last that it said, where it does not within two minutes. */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const installed = await installation();
    const archive = join(await cached(`${installed.name}-loaded`, (folder) => Broker.#archiveClasses(installed, folder)), ARCHIVE);
    const broker = new Broker(installed, await makeCertificate(), await choosePorts(), options, `-XX:SharedArchiveFile=${archive}`);
    try {
      await broker.#startOnFreePorts();
      for (const [topic, partitions] of Object.entries(options.topics ?? {})) await broker.createTopic(topic, partitions);
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  /** Half of what a start takes of the processor is to load classes: a broker that is ended once leaves them as the JVM maps them. */
  static async #archiveClasses(installed: Installation, folder: string): Promise<void> {
    const option = `-XX:ArchiveClassesAtExit=${join(folder, ARCHIVE)}`;
    const broker = new Broker(installed, await makeCertificate(), await choosePorts(), {}, option);
    try {
      await broker.#startOnFreePorts();
      await broker.createTopic('loaded', 1);
      await broker.end();
    } finally {
      await broker.stop();
    }
  }

  /** `127.0.0.1:PORT`, without TLS and without authentication. */
  get bootstrap(): string {
    return `127.0.0.1:${this.#ports.plain}`;
  }

  /** `127.0.0.1:PORT` for SASL_SSL: {@link user} with {@link password} by SCRAM-SHA-256 or PLAIN, its certificate signed by {@link ca}. */
  get secure(): string {
    return `127.0.0.1:${this.#ports.secure}`;
  }

  /** The authority of its certificate, in PEM. */
  get ca(): string {
    return this.certificate.ca;
  }

  /** As the broker says it. */
  get version(): string {
    return this.#version;
  }

  /** Of the process that runs; undefined where none does. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it again after {@link kill} or {@link end}. */
  async start(): Promise<void> {
    if (this.#child !== null) throw new Error('the broker already runs');
    this.#said = '';
    this.#child = this.#spawn();
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw await this.#failed();
    this.#commands = new CommandLine(stdin, stdout);
    const version = await Promise.race([this.#commands.started, delay(START_MS, null, { ref: false })]);
    if (version === null) throw await this.#failed();
    this.#version = version;
  }

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it properly, to be started again; resolves when it is gone. */
  end(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** SIGSTOP: its connections stay, and nothing answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** SIGCONT after {@link pause}. */
  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it properly and starts it again. */
  async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  /** Ends it, and removes its folder where the folder was not given. */
  async stop(): Promise<void> {
    await this.#end(this.options.folder === undefined ? 'SIGKILL' : 'SIGTERM');
    if (this.options.folder === undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  /** Resolves when each partition is led. @param config of the topic, such as `cleanup.policy`. */
  async createTopic(name: string, partitions: number, config: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#ask('create', name, String(partitions), ...pairs(config));
  }

  /** Resolves when the broker knows of it no more. */
  async deleteTopic(name: string): Promise<void> {
    await this.#ask('delete', name);
  }

  /** The next offset of each partition; transactions take an offset more for their end. */
  async ends(topic: string): Promise<readonly number[]> {
    return (await this.#ask('ends', topic)) as readonly number[];
  }

  async group(name: string): Promise<ConsumerGroup> {
    return (await this.#ask('group', name)) as ConsumerGroup;
  }

  /** From now on the one of {@link user} by SCRAM-SHA-256; PLAIN keeps {@link password}. */
  async setPassword(password: string): Promise<void> {
    await this.#ask('password', this.user, password);
  }

  /** Resolves when all are acknowledged (`acks=all`), by Kafka's own producer. */
  async produce(topic: string, partition: number, values: readonly string[]): Promise<void> {
    await this.#ask('produce', topic, String(partition), ...values);
  }

  /** Has a transaction open in which a group commits these offsets, from partition 0 on, until {@link settle}. The group must have no members. */
  async pend(group: string, topic: string, offsets: readonly number[]): Promise<void> {
    await this.#ask('pend', group, topic, ...offsets.map(String));
  }

  /** Commits what {@link pend} left open. */
  async settle(): Promise<void> {
    await this.#ask('settle');
  }

  /** All that is there, by Kafka's own consumer: an oracle for a test. By default what belongs to no transaction, or to one that is committed. */
  async read(topic: string, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed'): Promise<readonly Row[]> {
    return (await this.#ask('read', topic, isolation)) as readonly Row[];
  }

  /** Looks for the numbers below `count` among the records of a topic, of which each is a document whose `message` is `number N`. */
  async numbered(topic: string, count: number, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed'): Promise<Numbered> {
    return (await this.#ask('numbered', topic, isolation, String(count))) as Numbered;
  }

  /** The cluster's id, asked by Kafka's own client with these settings. @throws with what the client says. */
  async login(settings: Readonly<Record<string, string>>): Promise<string> {
    return String(await this.#ask('login', ...pairs(settings)));
  }

  #ask(command: string, ...fields: readonly string[]): Promise<unknown> {
    if (this.#commands === null) return Promise.reject(new Error('the broker does not run'));
    return this.#commands.ask(command, ...fields);
  }

  async #startOnFreePorts(): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (tried === TRIES || !String(error).includes(CLASH)) throw error;
        this.#ports = await choosePorts();
      }
    }
  }

  #spawn(): ChildProcess {
    mkdirSync(join(this.folder, 'data'), { recursive: true });
    const { user, password, certificate } = this;
    const node = { data: join(this.folder, 'data'), ports: this.#ports, user, password, certificate };
    const file = join(this.folder, 'server.properties');
    writeFileSync(file, javaProperties({ ...brokerSettings(node), ...this.options.settings }), { mode: 0o600 });
    const java = [
      '-Xms64m',
      `-Xmx${this.options.heapMegabytes ?? 512}m`,
      // Two cores and a small heap.
      '-XX:+UseSerialGC',
      this.archive,
      // An archive that another JVM made is left aside without a word.
      '-Xlog:cds=off',
      '-Xlog:cds+dynamic=off',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      `-Djava.io.tmpdir=${this.folder}`,
      ...this.installed.java,
    ];
    const credential = `SCRAM-SHA-256=[name=${user},password=${password}]`;
    const child = spawn('java', [...java, file, this.#clusterId, this.bootstrap, credential], { stdio: ['pipe', 'pipe', 'pipe'] });
    const keep = (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT);
    };
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => keep(error.message));
    // A pipe that breaks with the process says nothing that its exit does not.
    child.stdin.on('error', () => {});
    return child;
  }

  async #failed(): Promise<Error> {
    await this.kill();
    return new Error(`Kafka ${this.#version} did not start: ${this.#said}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#commands = null;
    if (child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    // It may be paused.
    child.kill('SIGCONT');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exit;
    clearTimeout(late);
  }
}

async function choosePorts(): Promise<Node['ports']> {
  const [plain = 0, secure = 0, controller = 0] = await freePorts(3);
  return { plain, secure, controller };
}

function pairs(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).map(([key, value]) => `${key}=${value}`);
}
