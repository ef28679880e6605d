import { z } from 'zod';

/** Where something is reached by HTTP. Credentials have keys of their own, so that no log shows them with the address. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL' })
  .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '', 'no user or password in the URL');

/** Header names as HTTP has them (RFC 9110, 5.6.2). */
export const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name');

/** Nothing that would end a line of a request. */
export const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, 'printable ASCII');
