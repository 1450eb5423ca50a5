// How <milepost-progress> looks: the shape and word of each state, and its style.

/** By name: a word, and a path in a square of 16 with its class. */
export const STATES = {
  QUEUED: {word: 'Queued', shape: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z', 'line']},
  RUNNING: {word: 'Running', shape: ['M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z', 'area']},
  STALLED: {word: 'Stalled', shape: ['M8 2.5v6.5M8 12v1.5', 'line']},
  CANCELLING: {word: 'Cancelling', shape: ['M8 2a6 6 0 1 1 0 12 6 6 0 1 1 0-12zM8 3.6v8.8a4.4 4.4 0 0 0 0-8.8z', 'half']},
  SUCCEEDED: {word: 'Succeeded', shape: ['M2.5 8.5l3.7 3.7L13.5 4.5', 'line'], isEnd: true},
  FAILED: {word: 'Failed', shape: ['M3.5 3.5l9 9M12.5 3.5l-9 9', 'line'], isEnd: true},
  CANCELLED: {word: 'Cancelled', shape: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM12 4l-8 8', 'line'], isEnd: true},
};

export const STYLE = `
  :host { display: block; container-type: inline-size; font-size: 0.875em; line-height: 1.45; overflow-wrap: anywhere;
    --q: var(--milepost-queued, #6b7280); --r: var(--milepost-running, #2563eb); --s: var(--milepost-succeeded, #15803d);
    --f: var(--milepost-failed, #dc2626); --c: var(--milepost-cancelled, #6b7280); --w: var(--milepost-warning, #b45309);
    --track: var(--milepost-track, #e5e7eb); --color: var(--q); }
  @supports (color: light-dark(#000, #fff)) {
    :host { --q: var(--milepost-queued, light-dark(#6b7280, #9ca3af)); --r: var(--milepost-running, light-dark(#2563eb, #60a5fa));
      --s: var(--milepost-succeeded, light-dark(#15803d, #4ade80)); --f: var(--milepost-failed, light-dark(#dc2626, #f87171));
      --c: var(--milepost-cancelled, light-dark(#6b7280, #9ca3af)); --w: var(--milepost-warning, light-dark(#b45309, #fbbf24));
      --track: var(--milepost-track, light-dark(#e5e7eb, #374151)); }
  }
  :host([hidden]) { display: none; }
  :host([data-state=RUNNING]) { --color: var(--r); }
  :host([data-state=SUCCEEDED]) { --color: var(--s); }
  :host([data-state=FAILED]) { --color: var(--f); }
  :host([data-state=CANCELLED]) { --color: var(--c); }
  :host([data-state=STALLED]), :host([data-state=CANCELLING]) { --color: var(--w); }
  :host([data-refused]) .fill { opacity: 0.4; }
  [hidden] { display: none !important; }
  .head { display: flex; gap: 0.25em 0.75em; align-items: baseline; }
  .name { flex: 1; font-weight: 600; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
  .state { white-space: nowrap; }
  svg { inline-size: 1em; block-size: 1em; vertical-align: -0.125em; margin-inline-end: 0.375em; stroke: var(--color); fill: none;
    stroke-width: 2; stroke-linecap: round; }
  svg.area, svg.half { fill: var(--color); }
  svg.half { stroke: none; fill-rule: evenodd; }
  .bar { block-size: var(--milepost-height, 8px); margin-block: 0.375em; overflow: hidden; background: var(--track);
    border-radius: var(--milepost-radius, 999px); }
  .fill { block-size: 100%; inline-size: 0; border-radius: inherit; background: var(--color); transition: inline-size 0.3s linear; }
  .fill.unknown { inline-size: 30%; animation: move 1.6s ease-in-out infinite alternate; }
  .facts, .numbers, .note { font-variant-numeric: tabular-nums; }
  .text { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
  @keyframes move { to { margin-inline-start: 70%; } }
  @media (prefers-reduced-motion: reduce) {
    .fill { transition: none; }
    .fill.unknown { animation: none; inline-size: 100%; opacity: 0.35; }
  }
  @media (forced-colors: active) {
    .bar { border: 1px solid CanvasText; }
    .fill { background: Highlight; forced-color-adjust: none; }
  }
`;
