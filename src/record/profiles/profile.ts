import { type DocumentOptions, type DocumentWriter, ObjectWriter } from './document-writer.js';
import { EcsEncoder } from './ecs.js';
import { kollaDocument } from './kolla.js';
import { otelDocument } from './otel.js';

/** In which form documents leave: the Elastic Common Schema, OpenTelemetry's log data model, or the names of kolla-ansible's fluentd. */
export const PROFILES = ['ecs', 'otel', 'kolla'] as const;
export type ProfileName = (typeof PROFILES)[number];

/** A writer of a profile. `capacity`: bytes to begin with; it grows as needed. */
export function documentWriter(profile: ProfileName, capacity?: number, options?: DocumentOptions): DocumentWriter {
  switch (profile) {
    case 'ecs':
      return new EcsEncoder(capacity, options);
    case 'otel':
      return new ObjectWriter(otelDocument, capacity, options);
    case 'kolla':
      return new ObjectWriter(kollaDocument, capacity, options);
  }
}
