/** The format and the limits of the log. */
@NullMarked
package dev.milepost.server.log;

import org.jspecify.annotations.NullMarked;
