/** Runs any program as a job: its output is the log, its exit code the outcome. */
@NullMarked
package dev.milepost.cli.run;

import org.jspecify.annotations.NullMarked;
