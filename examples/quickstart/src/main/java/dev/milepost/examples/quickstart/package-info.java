/** The smallest worker, caller and watcher: one main class each. */
@NullMarked
package dev.milepost.examples.quickstart;

import org.jspecify.annotations.NullMarked;
