export type Outcome = 'success' | 'failure' | 'unknown';

/** A label in the words of the Elastic Common Schema's categorization fields. */
export class EventClass {
  /** The members of ECS's `event` object as JSON, each with a comma before it: made once, written with every record. */
  readonly json: string;

  constructor(
    readonly kind: string,
    readonly category: readonly string[],
    readonly type: readonly string[],
    readonly outcome: Outcome,
  ) {
    this.json = `,${JSON.stringify({ kind, category, type, outcome }).slice(1, -1)}`;
  }
}
