import { css } from "lit";

export const styles = css`
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    margin-bottom: 4px;
  }
  h1 {
    min-width: 0;
    overflow-wrap: anywhere;
    outline: none;
  }
  .buttons {
    margin-left: auto;
    display: flex;
    gap: 8px;
  }
  .sub {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    color: var(--quiet);
    margin-bottom: 16px;
  }
  .sub code {
    overflow-wrap: anywhere;
  }
  .panel {
    border: 1px solid var(--line);
    border-radius: 8px;
    padding: 16px;
    margin-bottom: 16px;
    display: grid;
    gap: 12px;
  }
  .stage {
    font-size: var(--size-2);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .parts {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
  }
  .parts .DONE {
    color: var(--succeeded);
  }
  .parts .FAILED {
    color: var(--failed);
  }
  .note {
    border-left: 3px solid var(--stalled);
    padding-left: 12px;
    overflow-wrap: anywhere;
  }
  .note.failed {
    border-color: var(--failed);
  }
  .note.info {
    border-color: var(--line);
  }
  .tabs {
    display: flex;
    gap: 4px;
    border-bottom: 1px solid var(--line);
    margin: 16px 0 12px;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .tabs a {
    padding: 6px 12px;
    color: var(--quiet);
    border-bottom: 2px solid transparent;
    white-space: nowrap;
  }
  .tabs a:hover {
    text-decoration: none;
    color: var(--text);
  }
  .tabs a[aria-current] {
    color: var(--text);
    font-weight: 500;
    border-color: var(--accent);
  }
  .two {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
    gap: 16px 32px;
  }
  .counters {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 32px;
  }
  .counters dt {
    color: var(--quiet);
  }
  .counters dd {
    font-size: var(--size-3);
    line-height: 28px;
  }
  .history li {
    display: grid;
    grid-template-columns: 112px 110px minmax(0, 1fr);
    gap: 4px 12px;
    padding: 6px 0;
    border-bottom: 1px solid var(--line);
    align-items: start;
  }
  .deliveries li {
    display: grid;
    grid-template-columns: 110px minmax(0, 1fr) auto;
    gap: 4px 12px;
    padding: 6px 0;
    border-bottom: 1px solid var(--line);
  }
  .words {
    overflow-wrap: anywhere;
  }
  mp-error {
    display: block;
    margin-bottom: 12px;
  }
  @media (max-width: 720px) {
    .buttons {
      margin-left: 0;
      flex: 1 0 100%;
      flex-wrap: wrap;
    }
    .panel {
      padding: 12px;
    }
    .history li {
      grid-template-columns: 1fr auto;
    }
    .history li > :last-child {
      grid-column: 1 / -1;
    }
  }
`;
