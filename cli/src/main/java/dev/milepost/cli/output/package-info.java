/** What a terminal or a script is shown: tables, JSON and YAML, colors, and text made safe. */
@NullMarked
package dev.milepost.cli.output;

import org.jspecify.annotations.NullMarked;
