// Begins the dashboard: who the caller is, and the shell that shows the rest.
import "../elements/shell/mp-app.js";
