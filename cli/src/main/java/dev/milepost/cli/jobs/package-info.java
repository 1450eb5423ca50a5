/** The commands that read and change jobs. */
@NullMarked
package dev.milepost.cli.jobs;

import org.jspecify.annotations.NullMarked;
