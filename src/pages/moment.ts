import { type Html, html } from './html.js';

/** A moment (RFC 3339, in UTC) as people read it, to the minute. */
export const moment = (time: string): Html =>
  html`<time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 16)}</time>`;
