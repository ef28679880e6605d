import type { OutgoingHttpHeaders } from 'node:http';
import { answerText, completionOf, completionText, type Labelled, type Labelling, labelled, type Said } from './completion.js';
import { askedOf, type ReceivedRequest } from './received-request.js';
import type { Moment, Reply } from './reply.js';

/** Decides what a request gets; null: nothing from this one, the next of the script is asked. `labelling` is the server's own. */
export type Behaviour = (request: ReceivedRequest, labelling: Labelling) => Reply | null;

/** A behaviour that lets no request pass. */
export type Taking = (request: ReceivedRequest, labelling: Labelling) => Reply;

/** A behaviour of a script and for how many requests it is good. */
export interface Repeated {
  readonly times: number;
  readonly behaviour: Behaviour;
}

export function times(count: number, behaviour: Behaviour): Repeated {
  return { times: count, behaviour };
}

export function always(behaviour: Behaviour): Repeated {
  return { times: Number.POSITIVE_INFINITY, behaviour };
}

/** The behaviour for requests that it fits; others fall through. */
export function when(fits: (request: ReceivedRequest) => boolean, behaviour: Behaviour): Behaviour {
  return (request, labelling) => (fits(request) ? behaviour(request, labelling) : null);
}

/** The behaviour, later: after milliseconds, or when a promise is kept. */
export function after(wait: number | Promise<unknown>, behaviour: Behaviour): Behaviour {
  return (request, labelling) => {
    const reply = behaviour(request, labelling);
    return reply === null ? null : { kind: 'after', wait, reply };
  };
}

/** A correct completion, labelled in this way or in the server's own. */
export function answers(labelling?: Labelling): Taking {
  return answering((given) => given, labelling);
}

/** A label that is in no taxonomy, for every template. */
export function wrongLabel(label = 'pwned.yes'): Taking {
  return answering((given) => given.map(([id, answer]) => [id, { ...answer, label }]));
}

/** Nothing about the last templates. */
export function missing(count = 1): Taking {
  return answering((given) => given.slice(0, Math.max(0, given.length - count)));
}

/** An answer under an id that nobody asked for. */
export function extra(id = 't999999'): Taking {
  return answering((given) => [...given, [id, { label: 'other', confidence: 0.9 }]]);
}

/** The first id once more, behind all others, with another label. */
export function duplicate(): Taking {
  return answering((given) => {
    const first = given[0];
    if (first === undefined) return given;
    const [id, answer] = first;
    return [...given, [id, { ...answer, label: answer.label === 'other' ? 'api.request' : 'other' }]];
  });
}

function answering(change: (given: readonly Labelled[]) => readonly Labelled[], labelling?: Labelling): Taking {
  return (request, usual) => {
    const given = change(labelled(askedOf(request.body), labelling ?? usual));
    return completion(request, { content: answerText(given), answers: given });
  };
}

/** A completion with this content, or with what is made of the correct one. */
export function content(text: string | ((correct: string) => string)): Taking {
  return (request, labelling) => {
    const { given, correct } = correctAnswer(request, labelling);
    return completion(request, { content: typeof text === 'string' ? text : text(correct), answers: given });
  };
}

/** A refusal as structured outputs have it: no content, the reason in a field of its own. */
export function refusal(text = "I'm sorry, I cannot assist with that request."): Taking {
  return (request) => completion(request, { content: null, refusal: text });
}

/** A completion that ended for this reason: `length` cuts the content in half, `content_filter` leaves none. Or with the given content. */
export function finish(reason: 'stop' | 'length' | 'content_filter' | 'tool_calls', text?: string): Taking {
  return (request, labelling) => {
    const { given, correct } = correctAnswer(request, labelling);
    const kept = reason === 'stop' ? correct : reason === 'length' ? correct.slice(0, correct.length / 2) : '';
    return completion(request, { content: text ?? kept, answers: given, finishReason: reason });
  };
}

export function emptyChoices(): Taking {
  return ({ body }) => json(200, completionOf(body, []));
}

/** A status with an error in OpenAI's format, or with the given body: a string as it stands, anything else as JSON. */
export function status(code: number, headers: OutgoingHttpHeaders = {}, body?: unknown): Taking {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? errorBody(`Scripted status ${code}`, 'scripted_error', null, null));
  return () => json(code, text, headers);
}

/** The header of RFC 9110, section 10.2.3: seconds from now, or a date. */
export function retryAfter(time: number | Date): OutgoingHttpHeaders {
  return { 'retry-after': typeof time === 'number' ? String(time) : time.toUTCString() };
}

export function redirect(to: string, code: 302 | 307 | 308 = 307): Taking {
  return () => json(code, '', { location: to });
}

/**
 * Refuses requests that have this parameter (`response_format` of the type json_schema; `logprobs` that is true); others fall through.
 *
 * `unnamed`: the error has neither `param` nor `code`, so that only its message tells.
 */
export function unsupported(parameter: string, detail: 'named' | 'unnamed' = 'named'): Behaviour {
  const isValue = parameter === 'temperature' || parameter === 'response_format';
  const message = isValue
    ? `Unsupported value: '${parameter}' does not support the given value with this model.`
    : `Unsupported parameter: '${parameter}' is not supported with this model.`;
  const code = isValue ? 'unsupported_value' : 'unsupported_parameter';
  const error =
    detail === 'named'
      ? errorBody(message, 'invalid_request_error', parameter, code)
      : errorBody(message, 'invalid_request_error', null, null);
  return ({ body }) => {
    const value = body[parameter];
    const has = parameter === 'response_format' ? body.response_format?.type === 'json_schema' : value !== undefined && value !== null;
    return has && value !== false ? json(400, JSON.stringify(error)) : null;
  };
}

/** A body that is taken as it stands: HTML of a proxy, JSON that was cut off. */
export function raw(text: string, contentType = 'application/json', code = 200): Taking {
  return () => ({ kind: 'send', status: code, headers: { 'content-type': contentType }, body: text });
}

/** Takes the request and never answers, or never goes on. */
export function hang(moment: Moment = 'before headers'): Taking {
  return () => ({ kind: 'hang', moment });
}

/** A correct completion: the headers at once, the body slowly. */
export function drip(bytesPerSecond: number): Taking {
  return (request, labelling) => ({ kind: 'drip', body: correctBody(request, labelling), bytesPerSecond });
}

/** A correct completion whose content ends in so many blanks. Compressed, 50 MB are some 50 kB on the wire. */
export function huge(bytes = 50_000_000, encoding: 'identity' | 'gzip' = 'identity'): Taking {
  return (request, labelling) => {
    const { correct } = correctAnswer(request, labelling);
    const [head = '', tail = ''] = completionText(request.body, { content: `${correct}${FILLER}` }).split(FILLER);
    return { kind: 'huge', head, filler: bytes, tail, encoding };
  };
}

const FILLER = '(filler)';

/** The connection is cut: with RST before anything is answered, or in the middle of a correct completion. */
export function reset(moment: Moment = 'before headers'): Taking {
  return (request, labelling) => ({ kind: 'reset', moment, body: correctBody(request, labelling) });
}

function correctAnswer({ body }: ReceivedRequest, labelling: Labelling): { given: readonly Labelled[]; correct: string } {
  const given = labelled(askedOf(body), labelling);
  return { given, correct: answerText(given) };
}

function correctBody(request: ReceivedRequest, labelling: Labelling): string {
  const { given, correct } = correctAnswer(request, labelling);
  return completionText(request.body, { content: correct, answers: given });
}

function completion({ body }: ReceivedRequest, said: Said): Reply {
  return json(200, completionText(body, said));
}

function json(code: number, body: string, headers: OutgoingHttpHeaders = {}): Reply {
  return { kind: 'send', status: code, headers: { 'content-type': 'application/json', ...headers }, body };
}

function errorBody(message: string, type: string, param: string | null, code: string | null): unknown {
  return { error: { message, type, param, code } };
}
