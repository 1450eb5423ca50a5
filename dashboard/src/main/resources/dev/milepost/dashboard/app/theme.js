// The choice of light and dark: the system's unless the person says otherwise, in this browser.

const KEY = "milepost.theme";
const THEMES = ["system", "light", "dark"];

/** Returns the theme that was chosen. */
export function readTheme(storage) {
  const chosen = storage.getItem(KEY);
  return THEMES.includes(chosen) ? chosen : "system";
}

/** Returns the theme that the switch leads to. */
export function nextTheme(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}

/** Applies a theme to the page, and remembers it. */
export function useTheme(theme, storage) {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
    storage.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = theme;
    storage.setItem(KEY, theme);
  }
}
