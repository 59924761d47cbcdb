import { type Html, html } from './html.js';

const SIDE = 260;
const MARGIN = 36;

type Point = readonly [x: number, y: number];

/** A curve over the square from 0 to 1. */
export interface Curve {
  readonly points: readonly Point[];
  /** As CSS has it; a colour of the page follows light and dark. */
  readonly colour: string;
  readonly hasDots?: boolean;
}

/** Curves over the square from 0 to 1 with its diagonal, named below and beside. */
export function squarePicture(below: string, beside: string, curves: readonly Curve[]): Html {
  const far = MARGIN + SIDE;
  return html`<svg
    viewBox="0 0 ${far + 12} ${far + 24}"
    role="img"
    aria-label="${beside} by ${below.toLowerCase()}"
  >
    <rect x="${MARGIN}" y="12" width="${SIDE}" height="${SIDE}" fill="none" stroke="var(--line)" />
    <line x1="${MARGIN}" y1="${SIDE + 12}" x2="${far}" y2="12" stroke="var(--line)" stroke-dasharray="4 3" />
    ${curves.flatMap(drawn)}
    <text x="${MARGIN + SIDE / 2}" y="${far + 8}" text-anchor="middle" fill="currentColor">${below}</text>
    <text
      x="14"
      y="${12 + SIDE / 2}"
      text-anchor="middle"
      fill="currentColor"
      transform="rotate(-90 14 ${12 + SIDE / 2})"
    >
      ${beside}
    </text>
    <text x="${MARGIN - 4}" y="${SIDE + 12}" text-anchor="end" fill="currentColor">0</text>
    <text x="${MARGIN - 4}" y="20" text-anchor="end" fill="currentColor">1</text>
    <text x="${far}" y="${far - 8}" text-anchor="end" fill="currentColor">1</text>
  </svg>`;
}

function drawn({ points, colour, hasDots = false }: Curve): Html[] {
  const places = points.map(([x, y]) => [round(MARGIN + x * SIDE), round(12 + (1 - y) * SIDE)] as const);
  const path = places.map((place) => place.join(',')).join(' ');
  const dots = hasDots
    ? places.map(([x, y]) => html`<circle cx="${x}" cy="${y}" r="4" fill="${colour}" />`)
    : [];
  return [html`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5" />`, ...dots];
}

/** A length in a picture, as exactly as anybody sees it. */
export const round = (value: number): number => Math.round(value * 10) / 10;
