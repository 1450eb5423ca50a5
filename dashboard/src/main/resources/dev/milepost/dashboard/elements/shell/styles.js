import { css } from "lit";

export const styles = css`
  :host {
    display: block;
    min-height: 100vh;
  }
  .skip {
    position: absolute;
    left: 8px;
    top: -48px;
    background: var(--page);
    padding: 8px;
    z-index: 3;
  }
  .skip:focus {
    top: 8px;
  }
  header {
    display: flex;
    align-items: center;
    gap: 4px 20px;
    padding: 0 24px;
    height: 48px;
    border-bottom: 1px solid var(--line);
    background: var(--page);
    position: sticky;
    top: 0;
    z-index: 2;
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 8px;
    font-weight: 600;
    font-size: var(--size-2);
    color: var(--text);
  }
  .brand img {
    width: 20px;
    height: 20px;
  }
  nav ul {
    display: flex;
    gap: 4px;
  }
  nav a {
    display: block;
    padding: 4px 10px;
    border-radius: var(--radius);
    color: var(--quiet);
  }
  nav a:hover {
    background: var(--hover);
    text-decoration: none;
  }
  nav a[aria-current] {
    color: var(--text);
    background: var(--hover);
    font-weight: 500;
  }
  .tools {
    margin-left: auto;
    display: flex;
    align-items: center;
    gap: 4px;
  }
  .who {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    max-width: 240px;
  }
  .who .cut {
    max-width: 140px;
  }
  main {
    padding: 20px 24px 48px;
    max-width: 1280px;
    margin: 0 auto;
    outline: none;
  }
  .icon {
    width: 28px;
    padding: 0;
    display: inline-grid;
    place-items: center;
  }
  .icon svg {
    width: 16px;
    height: 16px;
  }
  @media (max-width: 720px) {
    header {
      height: auto;
      flex-wrap: wrap;
      padding: 8px 12px 4px;
    }
    nav {
      order: 3;
      flex: 1 0 100%;
      overflow-x: auto;
    }
    nav ul {
      gap: 0;
    }
    main {
      padding: 12px 12px 48px;
    }
    .who .cut {
      max-width: 96px;
    }
  }
`;
