/** Finds out why a server cannot be used, or not well, and says what helps. */
@NullMarked
package dev.milepost.cli.doctor;

import org.jspecify.annotations.NullMarked;
