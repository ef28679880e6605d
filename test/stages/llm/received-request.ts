import type { IncomingHttpHeaders } from 'node:http';

/** The body of a request to `/chat/completions`, as far as the scripted server reads it. */
export interface ChatBody {
  readonly model?: string;
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly response_format?: {
    readonly type?: string;
    readonly json_schema?: { readonly schema?: { readonly properties?: Readonly<Record<string, unknown>> } };
  };
  readonly [parameter: string]: unknown;
}

/** What a client sent. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly text: string;
  /** The parsed body; empty where it is no JSON object. */
  readonly body: ChatBody;
  /** When its last byte was read, in milliseconds of `performance.now()`. */
  readonly time: number;
  /** How it ended: the whole answer was sent, or one side left before. */
  readonly ended: Promise<'answered' | 'cut off'>;
}

/** A template that the request wants a label for. */
export interface Asked {
  readonly id: string;
  /** What stands behind `t1: ` in the last user message, to the end of the line; empty when nothing does. */
  readonly template: string;
}

const LINE = /^(t\d+): (.*)$/s;

/** The templates that are asked for: the properties of the JSON schema or, without one, the lines of the last user message that begin with an id. */
export function askedOf(body: ChatBody): readonly Asked[] {
  const lines = new Map<string, string>();
  // Only LF ends a line here: a template may hold what else Unicode takes for one.
  for (const line of lastUserText(body).split('\n')) {
    const [, id, template = ''] = LINE.exec(line) ?? [];
    if (id !== undefined && !lines.has(id)) lines.set(id, template);
  }
  const properties = body.response_format?.json_schema?.schema?.properties;
  const ids = properties === undefined ? [...lines.keys()] : Object.keys(properties);
  return ids.map((id) => ({ id, template: lines.get(id) ?? '' }));
}

function lastUserText({ messages = [] }: ChatBody): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content;
  if (typeof content === 'string') return content;
  // Content in parts: https://platform.openai.com/docs/api-reference/chat/create
  return Array.isArray(content) ? content.map((part: { readonly text?: string }) => part.text ?? '').join('\n') : '';
}
