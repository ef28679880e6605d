import type { Fault } from '../../kafka/words.js';
import { type Batch, messageOf, type Part } from './batch.js';

/** What became of messages that were handed over together. */
export interface RoundResult {
  /** Not taken as they are; each of them, or another of its batch, is at fault. */
  readonly refused: readonly Part[];
  /** Of the refused; null where there are none. */
  readonly reason: Fault | null;
  /** Of others that have to be sent again; null where there are none. */
  readonly fault: Fault | null;
}

interface Place {
  readonly batch: Batch;
  readonly index: number;
}

/** Messages that are handed over together, and what fails of them. */
export class Round {
  readonly #handed: { readonly batch: Batch; readonly indices: number[] }[] = [];
  #count = 0;
  /** Those that have not failed, by value; made when one fails. */
  #sound: { readonly byValue: Map<string, Place[]>; readonly of: number } | null = null;
  readonly #failed = new Map<Batch, Set<number>>();
  readonly #refused = new Map<Batch, number[]>();
  #reason: Fault | null = null;
  #fault: Fault | null = null;

  /** What keeps the rest from being handed over, or has some sent again. */
  get fault(): Fault | null {
    return this.#fault;
  }

  handedOver(batch: Batch, index: number): void {
    this.#count++;
    const last = this.#handed.at(-1);
    if (last?.batch === batch) last.indices.push(index);
    else this.#handed.push({ batch, indices: [index] });
  }

  /** Something keeps what is left from being handed over, or from being known to be stored. */
  failed(fault: Fault): void {
    this.#fault ??= fault;
  }

  /** A message was not stored. False where it is none of these. Equal ones are as good as each other. */
  messageFailed(value: Buffer, fault: Fault): boolean {
    const place = this.#find(value);
    if (place === undefined) return false;
    const { batch, index } = place;
    this.#failed.set(batch, (this.#failed.get(batch) ?? new Set()).add(index));
    if (fault.kind === 'too_large' || fault.kind === 'invalid') this.refuse(batch, index, fault);
    else this.#fault ??= fault;
    return true;
  }

  refuse(batch: Batch, index: number, reason: Fault): void {
    this.#reason = reason;
    const indices = this.#refused.get(batch);
    if (indices === undefined) this.#refused.set(batch, [index]);
    else indices.push(index);
  }

  /** All that was handed over and has not failed is stored. */
  settle(): RoundResult {
    this.#eachSound((batch, index) => {
      batch.settled[index] = 1;
    });
    const refused = [...this.#refused].map(([batch, indices]) => ({ batch, indices: indices.toSorted((a, b) => a - b) }));
    return { refused, reason: this.#reason, fault: this.#fault };
  }

  #find(value: Buffer): Place | undefined {
    if (this.#sound?.of !== this.#count) this.#sound = { byValue: this.#soundByValue(), of: this.#count };
    return this.#sound.byValue.get(textOf(value))?.shift();
  }

  #soundByValue(): Map<string, Place[]> {
    const byValue = new Map<string, Place[]>();
    this.#eachSound((batch, index) => {
      const text = textOf(messageOf(batch, index));
      const places = byValue.get(text);
      if (places === undefined) byValue.set(text, [{ batch, index }]);
      else places.push({ batch, index });
    });
    return byValue;
  }

  #eachSound(visit: (batch: Batch, index: number) => void): void {
    for (const { batch, indices } of this.#handed) {
      const failed = this.#failed.get(batch);
      for (const index of indices) if (failed?.has(index) !== true) visit(batch, index);
    }
  }
}

/** One character a byte. */
function textOf(value: Buffer): string {
  return value.toString('latin1');
}
