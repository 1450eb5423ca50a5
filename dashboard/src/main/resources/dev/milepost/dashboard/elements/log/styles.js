import { css } from "lit";

export const styles = css`
  :host {
    display: block;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
    margin-bottom: 8px;
  }
  .tools label {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    color: var(--quiet);
  }
  .tools input[type="search"] {
    flex: 1 1 160px;
    min-width: 120px;
  }
  .tools .push {
    margin-left: auto;
  }
  button[aria-pressed="true"] {
    background: var(--selected);
    border-color: var(--accent);
  }
  .scroll {
    height: clamp(240px, calc(100vh - 220px), 1200px);
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    position: relative;
    font: var(--size-0) / 20px var(--mono);
    contain: strict;
    overflow-anchor: none;
  }
  .space {
    position: relative;
    min-width: 100%;
  }
  .row {
    position: absolute;
    left: 0;
    min-width: 100%;
    display: flex;
    white-space: pre;
  }
  .wrap .row {
    width: 100%;
  }
  .wrap .text {
    white-space: pre-wrap;
    word-break: break-all;
  }
  .number {
    flex: 0 0 56px;
    padding-right: 12px;
    text-align: right;
    color: var(--quiet);
    user-select: none;
  }
  .time {
    flex: 0 0 104px;
    color: var(--quiet);
  }
  .level {
    flex: 0 0 48px;
    font-weight: 600;
    color: var(--quiet);
  }
  .text {
    flex: 1 1 auto;
    padding-right: 12px;
    unicode-bidi: plaintext;
  }
  .context {
    color: var(--quiet);
  }
  .row.WARNING .level {
    color: var(--stalled);
  }
  .row.ERROR .level,
  .row.ERROR .text {
    color: var(--failed);
  }
  .row.MILESTONE .text {
    font-weight: 600;
  }
  .row.DEBUG .text {
    color: var(--quiet);
  }
  .row:hover {
    background: var(--raised);
  }
  .row.marked {
    background: var(--selected);
  }
  .group {
    background: var(--raised);
    font: var(--size-0) / 20px var(--font);
  }
  .group button {
    all: unset;
    box-sizing: border-box;
    width: 100%;
    cursor: pointer;
    display: flex;
    gap: 12px;
    padding: 0 12px 0 8px;
    height: 20px;
    white-space: nowrap;
  }
  .group button:focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
  }
  .group .name {
    font-weight: 600;
  }
  .gap {
    justify-content: center;
    color: var(--quiet);
    font: var(--size-0) / 20px var(--font);
  }
  .bold {
    font-weight: 700;
  }
  .dim {
    color: var(--quiet);
  }
  .red {
    color: var(--failed);
  }
  .green {
    color: var(--succeeded);
  }
  .yellow {
    color: var(--stalled);
  }
  .blue,
  .cyan,
  .magenta {
    color: var(--accent);
  }
  .edge {
    justify-content: center;
    gap: 8px;
    font: var(--size-0) / 20px var(--font);
  }
  .edge button {
    min-height: 20px;
    padding: 0 8px;
    line-height: 18px;
    color: var(--accent);
  }
  .empty {
    padding: 24px;
    font-family: var(--font);
  }
  .foot {
    display: flex;
    gap: 16px;
    padding-top: 4px;
  }
  @media (max-width: 720px) {
    .time {
      display: none;
    }
    .number {
      flex-basis: 44px;
      padding-right: 8px;
    }
    /* The first letter says it: there is no room for more. */
    .level {
      flex-basis: 1ch;
      margin-right: 1ch;
      overflow: hidden;
    }
    .scroll {
      height: 70vh;
    }
  }
`;
