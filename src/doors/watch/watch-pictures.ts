import { total } from '../../watch/distances.js';
import { type Html, html } from '../../pages/html.js';
import { round } from '../../pages/square-picture.js';

/** Pictures without script or style of their own: they take the colours of the page, dark or light. */
const [NOW, BEFORE] = ['var(--accent)', 'var(--line)'];
const WIDTH = 400;
const ROW = 24;
/** Where bars begin and end; before them stands what a bin holds, behind them its shares. */
const [LEFT, RIGHT] = [132, 288];
/** A name of a bin has room for so many letters. */
const LETTERS = 18;
/** Of more bins those are shown that differ most. */
const SHOWN_BINS = 20;

/** Shares of a window laid over those of the training, bin by bin. */
export function histogram(
  bins: readonly string[],
  expected: readonly number[],
  observed: readonly number[],
): Html {
  const shares = (counts: readonly number[]): number[] => counts.map((count) => count / (total(counts) || 1));
  const [before, now] = [shares(expected), shares(observed)];
  const difference = (bin: number): number => Math.abs(now[bin]! - before[bin]!);
  const most = [...bins.keys()]
    .toSorted((one, other) => difference(other) - difference(one))
    .slice(0, SHOWN_BINS);
  const shown = most.toSorted((one, other) => one - other);
  const scale = (RIGHT - LEFT) / (Math.max(...shown.flatMap((bin) => [before[bin]!, now[bin]!])) || 1);
  const rows = shown.map((bin, place) => {
    const y = place * ROW;
    return html`<text x="${LEFT - 8}" y="${y + 16}" text-anchor="end" fill="currentColor">
        ${shortened(bins[bin]!)}
      </text>
      <rect x="${LEFT}" y="${y + 2}" width="${round(before[bin]! * scale)}" height="20" fill="${BEFORE}" />
      <rect x="${LEFT}" y="${y + 7}" width="${round(now[bin]! * scale)}" height="10" fill="${NOW}" />
      <text x="${WIDTH}" y="${y + 16}" text-anchor="end" fill="currentColor">
        ${percent(before[bin]!)} → ${percent(now[bin]!)}
      </text>`;
  });
  return html`<svg
      viewBox="0 0 ${WIDTH} ${shown.length * ROW + 2}"
      role="img"
      aria-label="Shares of the training and of the window"
    >
      ${rows}
    </svg>
    ${
      bins.length > SHOWN_BINS
        ? html`<p class="faint">${bins.length - SHOWN_BINS} other values differ less</p>`
        : undefined
    }`;
}

/** A figure window by window, oldest first, with the line above which it is more than chance. */
export function timeline(figures: readonly { readonly value: number; readonly limit: number }[]): Html {
  const [height, margin] = [72, 6];
  const top = Math.max(...figures.flatMap(({ value, limit }) => [value, limit])) || 1;
  const step = figures.length > 1 ? (WIDTH - 2 * margin) / (figures.length - 1) : 0;
  const x = (place: number): number => round(margin + place * step);
  const y = (figure: number): number => round(height - margin - (figure / top) * (height - 2 * margin));
  const path = (of: (figure: (typeof figures)[number]) => number): string =>
    figures.map((figure, place) => `${x(place)},${y(of(figure))}`).join(' ');
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Distance, window by window">
    <polyline
      points="${path(({ limit }) => limit)}"
      fill="none"
      stroke="var(--refused)"
      stroke-dasharray="4 3"
    />
    <polyline points="${path(({ value }) => value)}" fill="none" stroke="${NOW}" stroke-width="2" />
    ${figures.map(
      ({ value }, place) => html`<circle cx="${x(place)}" cy="${y(value)}" r="3" fill="${NOW}" />`,
    )}
  </svg>`;
}

/** A share as people read it. */
export const percent = (share: number): string => {
  const value = 100 * share;
  return `${value === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1)} %`;
};

const shortened = (name: string): string => (name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name);
