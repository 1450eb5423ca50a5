// What all elements share: text, links, buttons, fields, tables. Each element adds what is its own.
import { css } from "lit";

export const base = css`
  :host {
    font-family: var(--font);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  a {
    color: var(--accent);
    text-decoration: none;
  }
  a:hover {
    text-decoration: underline;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 1px;
    border-radius: 4px;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: var(--size-3);
    line-height: 28px;
    font-weight: 600;
  }
  h2 {
    font-size: var(--size-2);
    line-height: 24px;
    font-weight: 600;
  }
  h3 {
    font-size: var(--size-1);
    font-weight: 600;
  }
  code,
  pre,
  .mono {
    font-family: var(--mono);
    font-size: var(--size-0);
  }
  pre {
    margin: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .quiet {
    color: var(--quiet);
  }
  .small {
    font-size: var(--size-0);
  }
  .numeric {
    font-variant-numeric: tabular-nums;
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-width: 0;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button,
  .button,
  select,
  input[type="search"],
  input[type="text"],
  input[type="password"],
  input[type="datetime-local"],
  textarea {
    font: inherit;
    color: var(--text);
    background: var(--page);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    min-height: 28px;
    padding: 3px 8px;
  }
  input::placeholder,
  textarea::placeholder {
    color: var(--quiet);
    opacity: 1;
  }
  button,
  .button {
    cursor: pointer;
    white-space: nowrap;
  }
  button:hover:not(:disabled),
  .button:hover {
    background: var(--hover);
    text-decoration: none;
  }
  button:disabled {
    color: var(--quiet);
    cursor: default;
  }
  button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  button.primary:hover:not(:disabled) {
    background: var(--accent);
    filter: brightness(1.08);
  }
  button.danger {
    color: var(--failed);
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.plain:hover:not(:disabled) {
    background: var(--hover);
  }
  input[type="checkbox"] {
    accent-color: var(--accent);
    width: 16px;
    height: 16px;
    margin: 0;
  }
  kbd {
    font: var(--size-0) / 16px var(--mono);
    border: 1px solid var(--line);
    border-radius: 4px;
    padding: 0 4px;
    background: var(--raised);
  }
  .facts {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 4px 16px;
  }
  .facts dt {
    color: var(--quiet);
  }
  .facts dd {
    overflow-wrap: anywhere;
  }
  @media (pointer: coarse) {
    button,
    .button,
    select {
      min-height: 36px;
    }
  }
`;
