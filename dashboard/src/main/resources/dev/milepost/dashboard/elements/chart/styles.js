import { css } from "lit";

export const styles = css`
  :host {
    display: block;
    min-width: 0;
  }
  .chart {
    color: var(--quiet);
    cursor: pointer;
    min-height: 196px;
  }
  .u-legend {
    font: var(--size-0) / 16px var(--font);
    color: var(--quiet);
    text-align: left;
  }
  .u-legend th {
    font-weight: 400;
  }
  /* Never shown: they tell the canvas the colors of the theme. */
  i {
    display: none;
  }
  .succeeded {
    color: var(--succeeded);
  }
  .failed {
    color: var(--failed);
  }
  .cancelled,
  .queued {
    color: var(--cancelled);
  }
  .running {
    color: var(--running);
  }
`;
