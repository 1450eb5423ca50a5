import { css } from "lit";

export const styles = css`
  :host {
    display: block;
  }
  .row {
    display: grid;
    grid-template-columns: 108px minmax(120px, 2fr) minmax(160px, 3fr) minmax(64px, 1fr) 72px;
    gap: 0 16px;
    align-items: center;
    min-height: 44px;
    padding: 4px 8px;
    border-bottom: 1px solid var(--line);
    position: relative;
  }
  .selectable .row {
    grid-template-columns: 16px 108px minmax(120px, 2fr) minmax(160px, 3fr) minmax(64px, 1fr) 72px;
  }
  .row:hover {
    background: var(--raised);
  }
  .row:focus-within {
    background: var(--hover);
  }
  .row.selected {
    background: var(--selected);
  }
  .row.gone {
    opacity: 0.6;
  }
  .name {
    display: flex;
    flex-direction: column;
    min-width: 0;
    line-height: 16px;
  }
  .name a {
    color: var(--text);
    font-weight: 500;
  }
  /* The whole row opens the job; what can be clicked itself stands above. */
  .name a::after {
    content: "";
    position: absolute;
    inset: 0;
  }
  input {
    position: relative;
    z-index: 1;
  }
  .what {
    min-width: 0;
    display: flex;
    align-items: center;
    gap: 12px;
  }
  .what > .cut {
    flex: 1 1 0;
  }
  .what mp-progress {
    flex: 1 1 0;
    min-width: 120px;
  }
  .what .failure {
    color: var(--failed);
  }
  .time {
    text-align: right;
    white-space: nowrap;
  }
  .more {
    display: flex;
    justify-content: center;
    padding: 12px;
  }
  @media (max-width: 720px) {
    .row,
    .selectable .row {
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 4px 12px;
      padding: 8px 4px;
    }
    .selectable .row {
      grid-template-columns: 16px minmax(0, 1fr) auto;
    }
    .row > * {
      grid-row: auto;
    }
    .selectable .row > input {
      grid-row: 1 / span 2;
    }
    .state {
      order: 2;
      justify-self: end;
    }
    .name {
      order: 1;
    }
    .what {
      order: 3;
    }
    .time {
      order: 4;
    }
    .user {
      display: none;
    }
    .selectable .what {
      grid-column: 2;
    }
  }
`;
