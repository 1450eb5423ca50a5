/** Task definitions: what they say, where they are read from, and the steps that they come to. */
@NullMarked
package dev.milepost.server.task;

import org.jspecify.annotations.NullMarked;
