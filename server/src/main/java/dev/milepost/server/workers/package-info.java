/** Which workers ask for jobs, for which ones, and when they last did. */
@NullMarked
package dev.milepost.server.workers;

import org.jspecify.annotations.NullMarked;
