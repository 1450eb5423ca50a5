import { css } from "lit";

export const styles = css`
  h1 {
    outline: none;
  }
  .head {
    display: flex;
    align-items: baseline;
    gap: 12px;
    margin-bottom: 12px;
  }
  .counters {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
    border: 1px solid var(--line);
    border-radius: 8px;
    margin-bottom: 24px;
    overflow: hidden;
  }
  .counters a {
    display: grid;
    gap: 4px;
    padding: 12px 16px;
    color: var(--text);
    min-height: 96px;
    align-content: start;
    border-right: 1px solid var(--line);
    border-bottom: 1px solid var(--line);
    margin: 0 -1px -1px 0;
    height: 100%;
  }
  .counters a:hover {
    background: var(--raised);
    text-decoration: none;
  }
  .number {
    font-size: var(--size-4);
    line-height: 32px;
    font-weight: 600;
  }
  .columns {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 24px 40px;
    margin-bottom: 24px;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .rows {
    margin: 8px 0;
    border-top: 1px solid var(--line);
  }
  .rows li {
    display: grid;
    grid-template-columns: 96px minmax(96px, 1fr) minmax(0, 2fr) minmax(48px, 120px) 72px;
    gap: 0 12px;
    padding: 6px 0;
    border-bottom: 1px solid var(--line);
    align-items: center;
  }
  .rows.two li {
    grid-template-columns: minmax(0, 1fr) auto 88px;
  }
  .rows li > :last-child {
    text-align: right;
  }
  .none {
    color: var(--stalled);
    font-weight: 600;
  }
  table {
    border-collapse: collapse;
    margin-top: 8px;
  }
  .charts {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 24px 40px;
  }
  .sums {
    overflow-x: auto;
  }
  th,
  td {
    text-align: right;
    padding: 6px 0 6px 24px;
    font-weight: 400;
    border-bottom: 1px solid var(--line);
  }
  th:first-child {
    text-align: left;
    padding-left: 0;
  }
  thead th {
    color: var(--quiet);
  }
  @media (max-width: 720px) {
    .columns,
    .charts {
      grid-template-columns: minmax(0, 1fr);
    }
    .counters {
      grid-template-columns: 1fr 1fr;
    }
    .rows:not(.two) li {
      grid-template-columns: 88px minmax(0, 1fr) auto;
      gap: 2px 8px;
    }
    .rows:not(.two) li > :nth-child(3) {
      grid-column: 1 / -1;
      order: 3;
    }
    .who {
      display: none;
    }
    th,
    td {
      padding-left: 12px;
    }
  }
`;
