/** Task definitions: their file, and the jobs that they expand to. */
@NullMarked
package dev.milepost.server.task;

import org.jspecify.annotations.NullMarked;
